package dev.dormouse.actor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dormouse.fault.Code;
import dev.dormouse.fault.InternalFault;
import dev.dormouse.fault.ResourceFault;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is seen of a turn whose writes may not be durable: nothing. */
class CommitFailureTest {
  private static Guests guests;
  private final World world = new World(guests, 1, 10);

  @BeforeAll
  static void deploy(@TempDir Path data) {
    guests = new Guests(data, "{}");
  }

  @AfterAll
  static void close() {
    guests.close();
  }

  @Test
  void aTurnWhoseCommitFailsIsNotSeenAndTheActorStartsAnewFromWhatIsDurable() {
    assertEquals("1 1", world.ask("a", "+#=\" \"~>"));
    world.store.hold();
    var lost = world.fetch("a", "+#=>");
    world.run();
    assertFalse(lost.isDone());

    world.store.failNext();
    world.store.release();
    assertEquals(Code.STORAGE_FAILED, World.fault(lost));
    assertEquals("1 0", world.ask("a", "=\" \"~>"));
  }

  @Test
  void everythingAfterAFailedCommitFailsWithItAndWhatWasBeforeIsSaid() {
    var client = world.connect("a", "");
    world.run();
    world.store.hold();
    var before = world.fetch("a", "+=>");
    var failed = world.fetch("a", "+=>");
    var readsOnly = world.fetch("a", "=>");
    client.say("\"after\">");
    var writesAgain = world.fetch("a", "+=>");
    world.run();

    assertTrue(world.store.completeNext());
    assertTrue(world.store.failNext());
    world.store.release();
    world.run();
    assertEquals("1", World.text(before));
    assertEquals(Code.STORAGE_FAILED, World.fault(failed));
    assertEquals(Code.STORAGE_FAILED, World.fault(readsOnly));
    assertEquals(Code.STORAGE_FAILED, World.fault(writesAgain));
    assertEquals(List.of(), client.heard);
    assertEquals("1011 storage_failed", client.closing());
    assertEquals("2", world.ask("a", "+=>"));
  }

  @Test
  void anEventBetweenTheFailureAndTheNewStartFailsToo() {
    world.store.hold();
    var lost = world.fetch("a", "+=>");
    world.run();
    // The loop has not come to it yet when the next event arrives.
    world.store.failNext();
    var next = world.fetch("a", "+=>");
    world.store.release();
    world.run();
    assertEquals(Code.STORAGE_FAILED, World.fault(lost));
    assertEquals("1", World.text(next), "the next event runs on what is durable");
  }

  @Test
  void aConnectionThatOpenedInALostTurnIsNotOpened() {
    world.store.hold();
    var client = world.connect("a", "+\"welcome\">");
    world.run();
    world.store.failNext();
    world.store.release();
    world.run();
    assertEquals(Code.STORAGE_FAILED, World.fault(client.opening));
    assertEquals(List.of(), client.heard);
    world.ask("a", "\"all\"*>");
    assertEquals(List.of(), client.heard);
  }

  @Test
  void requestsThatTheLostInstanceKeptAreFailed() {
    var kept = world.fetch("a", "?");
    world.run();
    world.store.hold();
    world.tell("a", "+=>");
    world.run();
    assertFalse(kept.isDone());
    world.store.failNext();
    world.run();
    assertEquals(Code.STORAGE_FAILED, World.fault(kept));
  }

  @Test
  void timersOfTheLostInstanceDoNotRunOut() {
    world.ask("a", "{complete:+}$1000;>");
    world.store.hold();
    world.tell("a", "+");
    world.run();
    world.store.failNext();
    world.store.release();
    world.pass(Duration.ofSeconds(5));
    assertEquals("0", world.ask("a", "=>"));
  }

  @Test
  void anActorWhoseCommitsAreRefusedServesAgainWhenTheyAreTaken() {
    world.ask("a", "+=>");
    world.store.refuseCommits(new ResourceFault(Code.STORAGE_FULL, "the simulated disk is full"));
    for (int i = 0; i < 3; i++) {
      var refused = world.fetch("a", "+=>");
      world.run();
      assertEquals(Code.STORAGE_FULL, World.fault(refused));
    }
    assertEquals("1", world.ask("a", "=>"), "an actor that only reads is served");
    world.store.refuseCommits(null);
    assertEquals("2", world.ask("a", "+=>"));
  }

  @Test
  void anActorThatCannotBeOpenedSaysSoAndServesWhenItCan() {
    world.store.refuseOpen(new InternalFault(Code.STORAGE_FAILED, "its file is damaged", null));
    var refused = world.fetch("a", "+=>");
    var socket = world.connect("a", "");
    world.run();
    assertEquals(Code.STORAGE_FAILED, World.fault(refused));
    assertEquals(Code.STORAGE_FAILED, World.fault(socket.opening));
    world.store.refuseOpen(null);
    assertEquals("1", world.ask("a", "+=>"));
  }

  @Test
  void oneActorsFailureIsItsOwn() {
    world.ask("a", "#>");
    world.ask("b", "#>");
    world.store.hold();
    var lost = world.fetch("a", "+=>");
    world.run();
    var kept = world.fetch("b", "+#=\" \"~>");
    world.run();
    world.store.failNext();
    world.store.release();
    world.run();
    assertEquals(Code.STORAGE_FAILED, World.fault(lost));
    assertEquals("1 2", World.text(kept));
  }

  @Test
  void aTurnThatIsNotDurableWhenThePowerGoesWasNeverSaid() {
    world.ask("a", "+=>");
    world.store.hold();
    var uncertain = world.fetch("a", "+=>");
    world.run();
    world.crash();
    world.store.release();
    world.run();
    assertFalse(uncertain.isDone());
    assertEquals("1", world.ask("a", "=>"));
  }
}
