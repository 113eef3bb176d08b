package dev.dormouse.observe;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dormouse.fault.Code;
import java.lang.ref.WeakReference;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicLong;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class MetricsTest {
  private final Metrics metrics = new Metrics();

  @AfterEach
  void close() {
    metrics.close();
  }

  @Test
  void whatActorsDoIsShownForEachNamespace() {
    var chat = metrics.namespace("chat");
    chat.turn(60_000, 1_000);
    chat.turn(7_000_000, 500);
    chat.fault(Code.OUT_OF_FUEL);
    chat.overloaded();
    chat.woke(3_000_000);
    chat.slept();
    chat.connectionOpened();
    chat.connectionOpened();
    chat.connectionClosed();
    chat.mailboxDepth(3);
    chat.alarmFired(75);
    shows("dormouse_turn_seconds_bucket{namespace=\"chat\",le=\"1.0E-4\"} 1");
    shows("dormouse_turn_seconds_bucket{namespace=\"chat\",le=\"0.01\"} 2");
    shows("dormouse_turn_seconds_count{namespace=\"chat\"} 2");
    shows("dormouse_turn_seconds_sum{namespace=\"chat\"} 0.00706");
    shows("dormouse_fuel_total{namespace=\"chat\"} 1500.0");
    shows("dormouse_faults_total{code=\"out_of_fuel\",namespace=\"chat\"} 1.0");
    shows("dormouse_overloads_total{namespace=\"chat\"} 1.0");
    shows("dormouse_wakes_total{namespace=\"chat\"} 1.0");
    shows("dormouse_wake_seconds_count{namespace=\"chat\"} 1");
    shows("dormouse_sleeps_total{namespace=\"chat\"} 1.0");
    shows("dormouse_connections{namespace=\"chat\"} 1.0");
    shows("dormouse_connections_opened_total{namespace=\"chat\"} 2.0");
    shows("dormouse_mailbox_depth_bucket{namespace=\"chat\",le=\"4.0\"} 1");
    shows("dormouse_alarm_lateness_seconds_bucket{namespace=\"chat\",le=\"0.1\"} 1");
  }

  @Test
  void theNodesOwnNumbersAreAskedAtEachScrape() {
    var value = new AtomicLong(1);
    metrics.gauge("dormouse_open_stores", "Actor databases that are open", value::get);
    metrics.counter("dormouse_commits_total", "Turns that were committed", value::get);
    shows("dormouse_open_stores 1.0");
    value.set(5);
    shows("dormouse_open_stores 5.0");
    shows("dormouse_commits_total 5.0");
    shows("jvm_memory_used_bytes");
  }

  @Test
  void theDocumentationNamesEveryMetricOfANamespace() throws Exception {
    var all = metrics.namespace("chat");
    all.fault(Code.TIMEOUT);
    String doc = Files.readString(Path.of("../docs/metrics.md"));
    metrics
        .scrape()
        .lines()
        .filter(line -> line.startsWith("# TYPE dormouse_"))
        .map(line -> line.split(" ")[2])
        .forEach(name -> assertTrue(doc.contains("`" + name), name));
  }

  @Test
  void aCounterGoesOnWhenNobodyElseHoldsWhatItReads() {
    var value = new AtomicLong(3);
    metrics.counter("dormouse_commits_total", "Turns that were committed", () -> value.get());
    var collected = new WeakReference<>(new Object());
    Awaitility.await()
        .until(
            () -> {
              System.gc();
              return collected.refersTo(null);
            });
    value.set(4);
    shows("dormouse_commits_total 4.0");
  }

  @Test
  void aRemovedNamespaceIsNoLongerShown() {
    metrics.namespace("gone").turn(1, 1);
    metrics.remove("gone");
    assertFalse(metrics.scrape().contains("\"gone\""));
  }

  @Test
  void namespacesBeyondTheBoundShareTheirSeries() {
    for (int i = 0; i < Metrics.MAX_NAMESPACES; i++) {
      metrics.namespace("n" + i);
    }
    assertSame(metrics.namespace("one"), metrics.namespace("two"));
    assertSame(metrics.namespace("n1"), metrics.namespace("n1"));
    metrics.namespace("one").slept();
    shows("dormouse_sleeps_total{namespace=\"_other\"} 1.0");
  }

  @Test
  void nothingIsLostWhenManyCountAtOnce() throws Exception {
    var busy = metrics.namespace("busy");
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (int i = 0; i < 8; i++) {
        threads.execute(
            () -> {
              for (int turn = 0; turn < 50_000; turn++) {
                busy.turn(turn, 2);
              }
            });
      }
    }
    assertEquals(400_000, busy.turns.count());
    assertEquals(800_000, busy.fuel.sum());
  }

  private void shows(String line) {
    String scrape = metrics.scrape();
    assertTrue(scrape.contains("\n" + line), () -> line + " in:\n" + scrape);
  }
}
