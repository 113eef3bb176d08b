package dev.dormouse.observe;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dormouse.fault.Code;
import dev.dormouse.fault.ResourceFault;
import dev.dormouse.time.TimeSource;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class ActorLogTest {
  private final AtomicLong nanos = new AtomicLong();
  private final ActorLog log = new ActorLog(new StoppedTime());

  @Test
  void recentLinesAreKeptOldestFirst() {
    log.write("ns", "a", LogLevel.INFO, "one");
    log.write("ns", "b", LogLevel.WARN, "two");
    log.write("other", "a", LogLevel.INFO, "elsewhere");
    log.write("ns", "a", LogLevel.ERROR, "three");
    assertEquals(List.of("one", "two", "three"), messages(log.recent("ns", null, 100)));
    assertEquals(List.of("one", "three"), messages(log.recent("ns", "a", 100)));
    assertEquals(List.of("three"), messages(log.recent("ns", null, 1)));
    assertEquals(List.of(), log.recent("nowhere", null, 100));
  }

  @Test
  void onlyTheNewestLinesAreKept() {
    for (int i = 0; i < 3_000; i++) {
      if (i % 500 == 0) {
        aSecondPasses();
      }
      log.write("ns", "a", LogLevel.INFO, "line " + i);
    }
    var kept = log.recent("ns", null, 10_000);
    assertEquals(ActorLog.KEPT_LINES, kept.size());
    assertEquals("line 2999", kept.getLast().message());
  }

  @Test
  void largeLinesAreBoundedByTheirBytes() {
    for (int i = 0; i < 500; i++) {
      log.write("ns", "a", LogLevel.INFO, "x".repeat(LogLine.MAX_BYTES));
    }
    assertTrue(log.recent("ns", null, 10_000).size() <= ActorLog.KEPT_BYTES / LogLine.MAX_BYTES);
  }

  @Test
  void anActorThatWritesTooMuchIsCutShortAndItsNeighboursAreNot() {
    for (int i = 0; i < ActorLog.ACTOR_LINES_PER_SECOND + 500; i++) {
      log.write("ns", "loud", LogLevel.INFO, "again");
    }
    log.write("ns", "quiet", LogLevel.INFO, "hello");
    assertEquals(500, log.droppedLines().getAsLong());
    assertEquals(List.of("hello"), messages(log.recent("ns", "quiet", 10)));

    aSecondPasses();
    log.write("ns", "loud", LogLevel.INFO, "back");
    assertEquals(
        List.of("500 lines of log were dropped", "back"), messages(log.recent("ns", "loud", 2)));
  }

  @Test
  void aFollowerHearsWhatItAskedForInOrder() {
    try (var all = log.subscribe(null, null);
        var one = log.subscribe("ns", "a")) {
      log.write("ns", "b", LogLevel.INFO, "1");
      log.write("ns", "a", LogLevel.INFO, "2");
      log.write("other", "a", LogLevel.INFO, "3");
      assertEquals("1", poll(all));
      assertEquals("2", poll(all));
      assertEquals("3", poll(all));
      assertEquals("2", poll(one));
      assertNull(one.poll(Duration.ZERO));
    }
  }

  @Test
  void aSlowFollowerLosesTheOldestLinesAndIsToldHowMany() {
    try (var slow = log.subscribe("ns", null)) {
      for (int i = 0; i < Subscription.MAX_WAITING + 5; i++) {
        if (i % 500 == 0) {
          aSecondPasses();
        }
        log.write("ns", "a", LogLevel.INFO, "line " + i);
      }
      String first = poll(slow);
      assertTrue(first.startsWith("5 lines were dropped"), first);
      assertEquals("line 5", poll(slow));
    }
  }

  @Test
  void closingWakesOneWhoWaits() throws Exception {
    var subscription = log.subscribe(null, null);
    var waiting = CompletableFuture.supplyAsync(() -> subscription.poll(Duration.ofMinutes(5)));
    subscription.close();
    assertNull(waiting.get(60, TimeUnit.SECONDS));
  }

  @Test
  void theNumberOfFollowersIsBounded() {
    for (int i = 0; i < ActorLog.MAX_SUBSCRIPTIONS; i++) {
      assertNotNull(log.subscribe(null, null));
    }
    var fault = assertThrows(ResourceFault.class, () -> log.subscribe(null, null));
    assertEquals(Code.OVERLOADED, fault.code());
  }

  @Test
  void aLineStaysOneLineAndCannotSteerATerminal() {
    log.write("ns", "a", LogLevel.INFO, "a\nb\r\u001b[2J\tc\u202e");
    assertEquals("a\\nb\\r\\u001b[2J\tc\\u202e", log.recent("ns", null, 1).getFirst().message());
  }

  @Test
  void aLongLineIsCutAtACharacterAndMarked() {
    log.write("ns", "a", LogLevel.INFO, "ä".repeat(LogLine.MAX_BYTES));
    String kept = log.recent("ns", null, 1).getFirst().message();
    assertTrue(kept.startsWith("ä".repeat(LogLine.MAX_BYTES / 2) + "…"), kept);
    assertTrue(kept.endsWith("(" + LogLine.MAX_BYTES / 2 + " more characters)"), kept);
    assertFalse(kept.contains("\ufffd"));
    assertTrue(kept.getBytes(StandardCharsets.UTF_8).length < LogLine.MAX_BYTES + 64);
  }

  private void aSecondPasses() {
    nanos.addAndGet(1_000_000_000L);
  }

  private static String poll(Subscription subscription) {
    var line = subscription.poll(Duration.ofSeconds(60));
    assertNotNull(line);
    return line.message();
  }

  private static List<String> messages(List<LogLine> lines) {
    return lines.stream().map(LogLine::message).toList();
  }

  /** A clock that the test moves. */
  private final class StoppedTime implements TimeSource {
    @Override
    public long millis() {
      return 1;
    }

    @Override
    public long nanos() {
      return nanos.get();
    }

    @Override
    public Timer after(Duration delay, Runnable task) {
      throw new UnsupportedOperationException();
    }

    @Override
    public void random(byte[] into) {
      throw new UnsupportedOperationException();
    }

    @Override
    public long randomLong() {
      throw new UnsupportedOperationException();
    }
  }
}
