package dev.dormouse.actor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dormouse.storage.StorageKey;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Alarms fire at least once, never early, and again when they fail. */
class AlarmTest {
  private static Guests guests;
  private final World world = new World(guests, 1, 2);

  @BeforeAll
  static void deploy(@TempDir Path data) {
    guests = new Guests(data, "{\"idleCompact\": \"10s\"}");
  }

  @AfterAll
  static void close() {
    guests.close();
  }

  @Test
  void anAlarmFiresWhenItIsDueAndNotBefore() {
    world.ask("a", "{alarm:+}@5000;>");
    world.pass(Duration.ofMillis(4_999));
    assertEquals(0, world.durableCount("a"));
    world.pass(Duration.ofMillis(101));
    assertEquals(1, world.durableCount("a"));
    assertTrue(world.store.durableAlarm(World.id("a")).isEmpty());
    world.pass(Duration.ofMinutes(10));
    assertEquals(1, world.durableCount("a"));
  }

  @Test
  void anAlarmWakesItsActor() {
    world.ask("a", "{alarm:+}@60000;>");
    world.pass(Duration.ofSeconds(30));
    assertFalse(world.isAwake("a"));
    world.pass(Duration.ofSeconds(31));
    assertEquals(1, world.durableCount("a"));
  }

  @Test
  void anAlarmThatTheGuestTriesAgainKeepsItsAttemptAndItsTimeThroughACrash() {
    world.ask("a", "{alarm:<3+}t60000;>");
    var kept = world.store.durableAlarm(World.id("a")).orElseThrow();
    assertEquals(5, kept.setMillis());
    world.crash();
    world.pass(Duration.ofSeconds(59));
    assertEquals(0, world.durableCount("a"));
    world.pass(Duration.ofSeconds(2));
    assertEquals(1, world.durableCount("a"), "an earlier attempt would have trapped");
    assertTrue(world.store.durableAlarm(World.id("a")).isEmpty());
  }

  @Test
  void aHandlerMaySetTheAlarmAgain() {
    world.ask("a", "{alarm:+@1000;}@1000;>");
    world.pass(Duration.ofMillis(5_900));
    assertEquals(5, world.durableCount("a"));
  }

  @Test
  void anAlarmThatWasMovedOrDeletedDoesNotFireAtItsFirstTime() {
    world.ask("moved", "{alarm:+}@1000;>");
    world.ask("deleted", "{alarm:+}@1000;>");
    world.ask("moved", "@10000;>");
    world.ask("deleted", "_>");
    world.pass(Duration.ofSeconds(9));
    assertEquals(0, world.durableCount("moved"));
    assertEquals(0, world.durableCount("deleted"));
    world.pass(Duration.ofSeconds(2));
    assertEquals(1, world.durableCount("moved"));
    assertEquals(0, world.durableCount("deleted"));
  }

  @Test
  void aFailedAlarmIsTriedAgainAfterTwoSecondsThenFourAndSoOnUpToFiveMinutes() {
    world.ask("a", "{alarm:+!}@0;>");
    world.pass(Duration.ofMillis(100));
    long[] waits = {2, 4, 8, 16, 32, 64, 128, 256, 300, 300, 300};
    for (int attempt = 1; attempt <= waits.length; attempt++) {
      var next = world.store.durableAlarm(World.id("a")).orElseThrow();
      assertEquals(attempt, next.attempt());
      long wait = next.dueMillis() - world.time.millis();
      long least = waits[attempt - 1] * 1000;
      // The clock looks every 100 ms, so this many may have passed since the attempt.
      assertTrue(
          wait > least - 100 && wait <= least + least / 4, "attempt " + attempt + ": " + wait);
      world.pass(Duration.ofMillis(wait - 1));
      assertEquals(
          attempt, world.store.durableAlarm(World.id("a")).orElseThrow().attempt(), "too early");
      world.pass(Duration.ofMillis(101));
    }
    assertEquals(0, world.durableCount("a"), "what a failed attempt wrote is not kept");
  }

  @Test
  void anAlarmThatSucceedsInTheEndIsClearedAndKeepsTheTimeItWasSetTo() {
    world.ask("a", "{alarm:<3+}@0;>");
    world.pass(Duration.ofSeconds(20));
    assertEquals(1, world.durableCount("a"));
    assertTrue(world.store.durableAlarm(World.id("a")).isEmpty());
  }

  @Test
  void anAlarmIsClearedOnlyWithWhatItsHandlerWrote() {
    world.ask("a", "{alarm:+}@1000;>");
    world.store.hold();
    world.pass(Duration.ofSeconds(2));
    assertEquals(1, world.store.waiting());
    world.crash();
    world.store.release();
    assertEquals(0, world.durableCount("a"));
    world.pass(Duration.ofSeconds(1));
    assertEquals(1, world.durableCount("a"), "the handler ran again after the crash");
  }

  @Test
  void anAlarmWhoseCommitFailsFiresAgain() {
    world.ask("a", "{alarm:+}@1000;>");
    world.store.hold();
    world.pass(Duration.ofSeconds(2));
    world.store.failNext();
    world.store.release();
    assertEquals(0, world.durableCount("a"));
    world.pass(Duration.ofSeconds(5));
    assertEquals(1, world.durableCount("a"));
  }

  @Test
  void alarmsThatCameDueWhileTheServerWasDownFireWhenItIsUp() {
    world.ask("a", "{alarm:+}@1000;>");
    world.ask("b", "{alarm:+}@2000;>");
    world.crash();
    world.pass(Duration.ofSeconds(60));
    assertEquals(1, world.durableCount("a"));
    assertEquals(1, world.durableCount("b"));
  }

  @Test
  void anAlarmThatFindsNoRoomWaitsAndCountsNoAttempt() {
    world.ask("a", "{alarm:<1+}@60000;>");
    world.pass(Duration.ofSeconds(30));
    var first = world.fetch("b", "?");
    var second = world.fetch("c", "?");
    world.pass(Duration.ofSeconds(60));
    assertFalse(first.isDone() || second.isDone());
    assertEquals(0, world.store.durableAlarm(World.id("a")).orElseThrow().attempt());
    first.cancel(false);
    second.cancel(false);
    world.pass(Duration.ofSeconds(3));
    assertEquals(1, world.store.durableAlarm(World.id("a")).orElseThrow().attempt());
  }

  @Test
  void noAlarmOfManyIsForgottenOrEarly() {
    for (int i = 0; i < 50; i++) {
      world.ask("many" + i, "{alarm:+}@" + (1_000 + 100 * i) + ";>");
    }
    world.pass(Duration.ofSeconds(60));
    for (int i = 0; i < 50; i++) {
      assertEquals(1, world.durableCount("many" + i));
      assertEquals(null, world.store.durable(World.id("many" + i), StorageKey.of("early")));
    }
  }
}
