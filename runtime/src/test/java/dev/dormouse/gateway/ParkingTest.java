package dev.dormouse.gateway;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.UnixOperatingSystemMXBean;
import dev.dormouse.gateway.GatewayFixture.Options;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** WebSockets that are silent wait without a thread, and nobody notices. */
class ParkingTest {
  /** Parks soon, and is patient else. */
  private static final Pace PACE = pace(Duration.ofMinutes(5), Duration.ofMillis(20));

  @TempDir Path directory;

  @Test
  void aParkedSocketHearsAndSpeaks() {
    try (var node = start(PACE);
        var one = open(node);
        var other = open(node)) {
      for (int round = 0; round < 5; round++) {
        awaitParked(node, 2);
        one.text("still there");
        assertEquals("still there", one.dataFrame().text());
        awaitParked(node, 2);
        // Written to one that has not said a word.
        one.text("B to all " + round);
        assertEquals("B to all " + round, other.dataFrame().text());
        assertEquals("B to all " + round, one.dataFrame().text());
      }
    }
  }

  @Test
  void aParkedClientIsAskedAndItsAnswerParksItAgain() {
    try (var node = start(pace(Duration.ofSeconds(2), Duration.ofMillis(20)));
        var client = open(node)) {
      for (int i = 0; i < 2; i++) {
        awaitParked(node, 1);
        var ping = client.frame();
        assertEquals(9, ping.opcode());
        client.frame(0x8a, ping.payload());
      }
      awaitParked(node, 1);
      client.frame(0x89, "and you".getBytes(UTF_8));
      var frame = client.frame();
      while (frame.opcode() == 9) {
        frame = client.frame();
      }
      assertEquals(10, frame.opcode());
      assertEquals("and you", frame.text());
    }
  }

  @Test
  void aParkedClientThatDoesNotAnswerIsTakenForGone() {
    try (var node = start(pace(Duration.ofMillis(300), Duration.ofMillis(20)));
        var client = open(node)) {
      assertEquals(9, client.frame().opcode());
      assertTrue(client.isEnded());
      awaitGone(node, 1006);
    }
  }

  @Test
  void aParkedClientMayClose() {
    try (var node = start(PACE);
        var client = open(node)) {
      awaitParked(node, 1);
      client.frame(0x88, new byte[] {0x0b, (byte) 0xb8});
      assertEquals(3000, client.dataFrame().closeCode());
      assertTrue(client.isEnded());
      awaitGone(node, 3000);
    }
  }

  @Test
  void aParkedClientMayEndOrResetItsConnection() {
    try (var node = start(PACE)) {
      var client = open(node);
      awaitParked(node, 1);
      client.close();
      awaitGone(node, 1006);

      var second = open(node);
      awaitParked(node, 1);
      second.reset();
      awaitGone(node, 1006);
    }
  }

  @Test
  void aParkedSocketMayBeClosedFromInside() {
    try (var node = start(PACE);
        var client = open(node)) {
      awaitParked(node, 1);
      assertEquals(204, node.admin("DELETE", "/v1/namespaces/probe/actors/a").statusCode());
      var close = client.dataFrame();
      assertEquals(8, close.opcode());
      client.frame(0x88, close.payload());
      assertTrue(client.isEnded());
      await().atMost(Duration.ofSeconds(60)).until(() -> node.gateway.parked() == 0);
    }
  }

  @Test
  void halfAFrameAndHalfAMessageAreWaitedFor() {
    byte[] whole = RawClient.masked(0x81, 5, "whole".getBytes(UTF_8));
    try (var node = start(PACE);
        var halfFrame = open(node);
        var halfMessage = open(node)) {
      awaitParked(node, 2);
      halfFrame.send(java.util.Arrays.copyOf(whole, 8));
      halfMessage.frame(0x01, "who".getBytes(UTF_8));
      awaitParked(node, 0);
      try (var later = open(node)) {
        // It begins to be silent later than the others, and they are not parked.
        awaitParked(node, 1);
        later.text("x");
        later.dataFrame();
        awaitParked(node, 1);
        halfFrame.send(java.util.Arrays.copyOfRange(whole, 8, whole.length));
        assertEquals("whole", halfFrame.dataFrame().text());
        halfMessage.frame(0x80, "le".getBytes(UTF_8));
        assertEquals("whole", halfMessage.dataFrame().text());
      }
    }
  }

  @Test
  void aParkedClientThatReadsSlowlyGetsAll() {
    int count = 150;
    var large = "B" + "x".repeat(60_000);
    try (var node = start(PACE);
        var slow = new RawClient(node.gateway.port(), 4096);
        var other = open(node)) {
      slow.webSocket("/probe/a/x");
      assertTrue(slow.head().startsWith("HTTP/1.1 101 "));
      awaitParked(node, 2);
      for (int i = 0; i < count; i++) {
        other.text(large);
        assertEquals(large, other.dataFrame().text());
      }
      for (int i = 0; i < count; i++) {
        assertEquals(large, slow.dataFrame().text());
      }
      slow.text("thanks");
      assertEquals("thanks", slow.dataFrame().text());
      // The other one was in a hurry, and keeps its thread for now.
      awaitParked(node, 1);
    }
  }

  @Test
  void manyParkedSocketsWakeAtOnceAndEndWithTheServer() throws Exception {
    int count = 600;
    var clients = new ArrayList<RawClient>();
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      Gateway gateway;
      Future<?> ends;
      try (var node = start(PACE)) {
        gateway = node.gateway;
        for (int i = 0; i < count; i++) {
          clients.add(open(node));
        }
        for (int round = 0; round < 2; round++) {
          awaitParked(node, count);
          for (var client : clients) {
            client.text("me too");
          }
          for (var client : clients) {
            assertEquals("me too", client.dataFrame().text());
          }
        }
        awaitParked(node, count);
        ends = threads.submit(() -> clients.forEach(ParkingTest::readEnd));
      }
      assertAll(List.of(ends));
      assertEquals(0, gateway.connections());
      assertEquals(0, gateway.parked());
    } finally {
      clients.forEach(RawClient::close);
    }
  }

  private static void readEnd(RawClient client) {
    var close = client.dataFrame();
    assertEquals(8, close.opcode());
    client.frame(0x88, close.payload());
    assertTrue(client.isEnded());
  }

  @DisabledOnOs(OS.WINDOWS)
  @Test
  void parkedSocketsGiveTheirDescriptorsBack() {
    int count = 300;
    try (var node = start(PACE)) {
      var clients = new ArrayList<RawClient>();
      for (int i = 0; i < count; i++) {
        clients.add(open(node));
      }
      awaitParked(node, count);
      long most = descriptors() - 2L * count;
      clients.forEach(RawClient::close);
      // A few more may have been opened by others meanwhile.
      await().atMost(Duration.ofSeconds(60)).until(() -> descriptors() < most + count / 2);
    }
  }

  private static long descriptors() {
    return ManagementFactory.getPlatformMXBean(UnixOperatingSystemMXBean.class)
        .getOpenFileDescriptorCount();
  }

  @Test
  void aStormOfParkingLosesNothing() throws Exception {
    int talkers = 16;
    int rounds = 300;
    // Parks between any two messages, and while others are being written.
    try (var node = start(pace(Duration.ofSeconds(10), Duration.ofMillis(1)));
        var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      var listeners = new ArrayList<RawClient>();
      for (int i = 0; i < talkers; i++) {
        listeners.add(open(node));
      }
      var done = new ArrayList<Future<?>>();
      for (int i = 0; i < talkers; i++) {
        int seed = i;
        done.add(threads.submit(() -> talk(node, seed, rounds)));
      }
      for (var listener : listeners) {
        done.add(threads.submit(() -> hear(listener, talkers * (rounds / 10))));
      }
      assertAll(done);
      listeners.forEach(RawClient::close);
    }
  }

  private static void talk(GatewayFixture node, int seed, int rounds) {
    var random = new Random(seed);
    try (var client = open(node)) {
      for (int round = 0; round < rounds; round++) {
        var said = (round % 10 == 0 ? "B " : "") + seed + " says " + round;
        client.text(said);
        String heard;
        do {
          heard = answered(client);
        } while (!heard.equals(said));
        if (random.nextInt(4) == 0) {
          java.util.concurrent.locks.LockSupport.parkNanos(random.nextInt(3_000_000));
        }
      }
    }
  }

  private static void hear(RawClient listener, int broadcasts) {
    for (int i = 0; i < broadcasts; i++) {
      assertTrue(answered(listener).startsWith("B "));
    }
  }

  /** The next message; pings are answered. */
  private static String answered(RawClient client) {
    var frame = client.frame();
    while (frame.opcode() == 9) {
      client.frame(0x8a, frame.payload());
      frame = client.frame();
    }
    return frame.text();
  }

  private static void assertAll(List<Future<?>> done) throws InterruptedException {
    for (var one : done) {
      try {
        one.get();
      } catch (ExecutionException e) {
        throw new AssertionError("one of them failed", e.getCause());
      }
    }
  }

  private GatewayFixture start(Pace pace) {
    return new GatewayFixture(directory, new Options("{}").pace(pace));
  }

  private static Pace pace(Duration ping, Duration park) {
    return new Pace(
        Duration.ofMinutes(5),
        Duration.ofMinutes(5),
        Duration.ofMinutes(5),
        Duration.ofMinutes(5),
        ping,
        park,
        Duration.ofSeconds(60));
  }

  private static RawClient open(GatewayFixture node) {
    var client = node.raw().webSocket("/probe/a/x");
    assertTrue(client.head().startsWith("HTTP/1.1 101 "));
    return client;
  }

  private static void awaitParked(GatewayFixture node, int count) {
    await().atMost(Duration.ofSeconds(60)).until(() -> node.gateway.parked() == count);
  }

  private static void awaitGone(GatewayFixture node, int code) {
    await()
        .atMost(Duration.ofSeconds(60))
        .until(() -> node.get("/probe/a/l").body(), Integer.toString(code)::equals);
    await()
        .atMost(Duration.ofSeconds(60))
        // What asks is a connection, too.
        .until(() -> node.gateway.parked() == 0 && node.gateway.connections() <= 1);
  }
}
