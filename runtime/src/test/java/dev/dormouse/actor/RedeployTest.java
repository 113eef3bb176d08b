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

/** What a new version of the module takes over, and what it ends. */
class RedeployTest {
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

  private String version() {
    return world.ask("version", "v>");
  }

  private String redeploy() {
    var before = version();
    guests.redeploy();
    return before.equals("1") ? "2" : "1";
  }

  @Test
  void theNextEventRunsOnTheNewVersionWithTheOldStorageAndFreshMemory() {
    world.ask("a", "+#>");
    var now = redeploy();
    assertEquals(now + " 1 0", world.ask("a", "v\" \"=\" \"~>"));
  }

  @Test
  void connectionsStayOpenAndAreServedByTheNewVersion() {
    var client = world.connect("a", "");
    world.run();
    var now = redeploy();
    client.say("v>");
    world.run();
    assertEquals(List.of(now), client.heard);
    assertFalse(client.isClosed());
  }

  @Test
  void requestsThatTheOldVersionKeptAreFailedWhenTheNewOneStarts() {
    var kept = world.fetch("a", "?");
    world.run();
    redeploy();
    assertFalse(kept.isDone());
    world.ask("a", ">");
    assertEquals(Code.OVERLOADED, World.fault(kept));
  }

  @Test
  void timersOfTheOldVersionDoNotRunOutInTheNewOne() {
    world.ask("a", "{complete:+}$1000;>");
    redeploy();
    world.ask("a", ">");
    world.pass(Duration.ofSeconds(5));
    assertEquals("0", world.ask("a", "=>"));
  }

  @Test
  void eventsThatWaitedRunOnTheNewVersionAndHeldAnswersOfTheOldAreSaid() {
    var before = version();
    world.store.hold();
    var old = world.fetch("a", "+v>");
    world.run();
    var waiting = world.fetch("a", "+v\" \"=>");
    var now = before.equals("1") ? "2" : "1";
    guests.redeploy();
    world.run();
    world.store.release();
    assertEquals(before, World.text(old));
    assertEquals(now + " 2", World.text(waiting));
  }

  @Test
  void theMemoryOfTheOldInstanceIsGivenBack() {
    var small = new World(guests, 1, 2);
    for (int i = 0; i < 10; i++) {
      small.ask("a", "#>");
      guests.redeploy();
    }
    small.ask("a", "#>");
    small.ask("b", "#>");
    assertTrue(small.isAwake("a") && small.isAwake("b"), "both fit");
  }
}
