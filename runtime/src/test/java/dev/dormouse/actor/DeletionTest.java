package dev.dormouse.actor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dormouse.fault.Code;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Deleting actors while things happen to them. */
class DeletionTest {
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
  void aDeletedActorLosesItsStateAndItsConnectionsAndItsName() {
    world.ask("a", "+#{close:+}{alarm:+}@1000;>");
    var client = world.connect("a", "");
    var kept = world.fetch("a", "?");
    world.run();
    var deleted = world.directory().delete(World.id("a"));
    world.run();
    assertTrue(deleted.join());
    assertEquals("1011 actor_not_found", client.closing());
    assertEquals(Code.ACTOR_NOT_FOUND, World.fault(kept));
    world.pass(Duration.ofSeconds(11));
    assertEquals(0, world.directory().residentCount());
    assertTrue(world.directory().status(World.id("a")).isEmpty());
    assertEquals("0 0", world.ask("a", "=\" \"~>"), "neither its alarm nor its close turn came");
  }

  @Test
  void eventsBeforeTheDeletionRunOnTheOldActorAndLaterOnesOnANewOne() {
    world.ask("a", "+>");
    var before = world.fetch("a", "+=>");
    var deleted = world.directory().delete(World.id("a"));
    var after = world.fetch("a", "+=>");
    world.run();
    assertEquals("2", World.text(before));
    assertTrue(deleted.join());
    assertEquals("1", World.text(after));
    assertEquals(1, world.durableCount("a"));
  }

  @Test
  void whatWaitsForTheDiskWhenTheDeletionComesIsStillSaidFirst() {
    world.store.hold();
    var before = world.fetch("a", "+=>");
    var deleted = world.directory().delete(World.id("a"));
    world.run();
    assertFalse(before.isDone() || deleted.isDone());
    world.store.completeNext();
    assertEquals("1", World.text(before));
    assertFalse(deleted.isDone());
    world.store.release();
    world.run();
    assertTrue(deleted.join());
  }

  @Test
  void nobodyIsToldOfADeletionThatIsNotDurable() {
    world.ask("a", "+>");
    world.store.hold();
    var deleted = world.directory().delete(World.id("a"));
    var sees = world.fetch("a", "=>");
    world.run();
    assertFalse(deleted.isDone());
    assertFalse(sees.isDone(), "it has seen that the state is gone");
    world.crash();
    world.store.release();
    assertEquals("1", world.ask("a", "=>"));
  }

  @Test
  void aDeletionThatFailsSaysSoAndTheActorIsAsItWas() {
    world.ask("a", "+>");
    world.store.hold();
    var deleted = world.directory().delete(World.id("a"));
    var sees = world.fetch("a", "=>");
    world.run();
    world.store.failNext();
    world.store.release();
    world.run();
    assertEquals(Code.STORAGE_FAILED, World.fault(deleted));
    assertEquals(Code.STORAGE_FAILED, World.fault(sees));
    assertEquals("1", world.ask("a", "=>"));
  }

  @Test
  void deletingAnActorThatNeverWasSucceeds() {
    var deleted = world.directory().delete(World.id("nobody"));
    world.run();
    assertTrue(deleted.join());
    assertEquals(0, world.directory().residentCount());
  }

  @Test
  void anActorThatIsDeletedAgainAndAgainWhileItWorksStaysOne() {
    for (int i = 0; i < 50; i++) {
      var first = world.fetch("a", "+=>");
      var deleted = world.directory().delete(World.id("a"));
      var client = world.connect("a", "+=>");
      var again = world.directory().delete(World.id("a"));
      world.run();
      assertEquals("1", World.text(first));
      assertTrue(deleted.join() && again.join());
      assertEquals(List.of("1"), client.heard);
      assertTrue(client.isClosed());
    }
    world.pass(Duration.ofSeconds(11));
    assertEquals(0, world.directory().residentCount());
  }
}
