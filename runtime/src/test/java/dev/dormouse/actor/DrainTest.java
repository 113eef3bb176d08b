package dev.dormouse.actor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dormouse.fault.Code;
import dev.dormouse.fault.Fault;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** How a server stops: what runs and waits comes to its end, inside the drain time. */
class DrainTest {
  private static final Duration PATIENCE = Duration.ofSeconds(60);

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
  void whatWaitsIsDoneConnectionsAreToldAndNothingNewIsTaken() throws InterruptedException {
    var client = world.connect("a", "");
    var kept = world.fetch("a", "?");
    world.run();
    var waiting = world.fetch("a", "+=>");
    client.say("\"said\">");
    closeWhile(() -> true);
    assertEquals("1", World.text(waiting));
    assertEquals(1, world.durableCount("a"));
    assertEquals(Code.SHUTTING_DOWN, World.fault(kept));
    assertEquals(List.of("said"), client.heard);
    assertEquals("1001 shutting_down", client.closing());
    assertEquals(Code.SHUTTING_DOWN, World.fault(world.fetch("a", ">")));
    var refused = assertThrows(Fault.class, () -> world.connect("a", ""));
    assertEquals(Code.SHUTTING_DOWN, refused.code());
    assertFalse(world.store.isOpen(World.id("a")));
  }

  @Test
  void whatIsHeldUntilItIsDurableIsSaidBeforeTheServerStops() throws InterruptedException {
    world.store.hold();
    var held = world.fetch("a", "+=>");
    world.run();
    long start = world.time.nanos();
    closeWhile(
        () -> {
          if (world.time.nanos() - start > Duration.ofSeconds(1).toNanos()) {
            world.store.release();
          }
          return true;
        });
    assertEquals("1", World.text(held));
  }

  @Test
  void aDiskThatNeverAnswersKeepsTheServerNoLongerThanTheDrainTime() throws InterruptedException {
    world.store.hold();
    var held = world.fetch("a", "+=>");
    world.run();
    long start = world.time.nanos();
    closeWhile(() -> true);
    long took = world.time.nanos() - start;
    assertTrue(took >= World.DRAIN_TIME.toNanos(), "it gave up after " + took);
    assertTrue(took < 2 * World.DRAIN_TIME.toNanos(), "it took " + took);
    assertFalse(held.isDone());
  }

  @Test
  void noAlarmFiresWhileTheServerStops() throws InterruptedException {
    world.ask("due", "{alarm:+}@1000;>");
    world.store.hold();
    world.tell("slow", "+");
    world.run();
    closeWhile(() -> true);
    world.store.release();
    assertEquals(0, world.durableCount("due"));
    assertTrue(world.store.durableAlarm(World.id("due")).isPresent(), "it fires after the start");
  }

  /** Closes on another thread, since closing waits, and moves the world meanwhile. */
  private void closeWhile(BooleanSupplier step) throws InterruptedException {
    var closing = Thread.ofPlatform().start(world.directory()::close);
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (!closing.join(Duration.ofMillis(1))) {
      assertTrue(step.getAsBoolean() && System.nanoTime() < deadline, "it does not stop");
      world.pass(Duration.ofMillis(50));
    }
    world.run();
  }
}
