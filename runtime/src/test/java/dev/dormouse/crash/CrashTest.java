package dev.dormouse.crash;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dormouse.testkit.ServerProcess;
import dev.dormouse.testkit.TallyModule;
import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLongArray;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Kills a server under load again and again, and counts: no increment that was answered may be
 * lost, none may be there that was not sent, and every alarm that was answered must fire. {@code
 * -Ddormouse.crashRounds=200} runs the long form.
 */
@Tag("slow")
class CrashTest {
  private static final int ROUNDS = Integer.getInteger("dormouse.crashRounds", 10);
  private static final int ACTORS = 50;
  private static final int CLIENTS = 16;
  private static final int ALARMS = 10;
  private static final Duration ALARM_PATIENCE = Duration.ofSeconds(20);

  private final Random random = new Random(Long.getLong("dormouse.crashSeed", 42));
  private final HttpClient client =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private final AtomicLongArray sent = new AtomicLongArray(ACTORS);
  private final AtomicLongArray answered = new AtomicLongArray(ACTORS);
  private final List<Long> startMillis = new ArrayList<>();
  private long increments;
  private long alarms;
  private int damagedTails;
  private int tornBatches;

  @Test
  void nothingAcknowledgedIsLostWhenTheServerIsKilled(@TempDir Path directory) throws Exception {
    var data = directory.resolve("data");
    java.nio.file.Files.createDirectories(data);
    var server = ServerProcess.start(data);
    server.deploy(client, "tally", TallyModule.assemble());
    try {
      for (int round = 0; round < ROUNDS; round++) {
        var set = load(server, round);
        if (round % 5 == 4) {
          damageTheEnd(data);
        }
        long start = System.nanoTime();
        server = ServerProcess.start(data);
        startMillis.add(TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start));
        compare(server, round);
        everyAlarmFires(server, set, round);
      }
      assertEquals(0, server.stop(), "SIGTERM drains and exits 0");
    } finally {
      server.close();
      client.close();
    }
    startMillis.sort(null);
    System.out.printf(
        "crash: %d rounds, %d increments answered, %d alarms, %d damaged ends of which %d tore a"
            + " batch, restart median %d ms, longest %d ms%n",
        ROUNDS,
        increments,
        alarms,
        damagedTails,
        tornBatches,
        startMillis.get(startMillis.size() / 2),
        startMillis.getLast());
  }

  /** Loads the server, kills it in the middle, and answers the actors whose alarm was set. */
  private List<String> load(ServerProcess server, int round) throws Exception {
    var stop = new AtomicBoolean();
    var done = new CountDownLatch(CLIENTS + 1);
    var set = new ConcurrentLinkedQueue<String>();
    for (int i = 0; i < CLIENTS; i++) {
      var choice = new Random(random.nextLong());
      Thread.ofVirtual()
          .start(
              () -> {
                while (!stop.get()) {
                  increment(server, choice.nextInt(ACTORS));
                }
                done.countDown();
              });
    }
    var delays = new Random(random.nextLong());
    Thread.ofVirtual()
        .start(
            () -> {
              for (int i = 0; i < ALARMS && !stop.get(); i++) {
                var name = "alarm-" + round + "-" + i;
                if (post(server, "/tally/" + name + "?in=" + delays.nextInt(1_500)) != null) {
                  set.add(name);
                }
              }
              done.countDown();
            });
    // The moment of the kill is the point of the test; nothing is waited for.
    done.await(100 + random.nextInt(500), TimeUnit.MILLISECONDS);
    server.kill();
    stop.set(true);
    assertTrue(done.await(30, TimeUnit.SECONDS), "clients of a dead server stop");
    alarms += set.size();
    return List.copyOf(set);
  }

  private void increment(ServerProcess server, int actor) {
    sent.incrementAndGet(actor);
    if (post(server, "/tally/actor-" + actor + "/increment") != null) {
      answered.incrementAndGet(actor);
    }
  }

  private String post(ServerProcess server, String path) {
    try {
      var answer =
          client.send(
              HttpRequest.newBuilder(server.uri(path))
                  .POST(HttpRequest.BodyPublishers.noBody())
                  .timeout(Duration.ofSeconds(10))
                  .build(),
              HttpResponse.BodyHandlers.ofString());
      return answer.statusCode() == 200 ? answer.body() : null;
    } catch (IOException killed) {
      return null;
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private void compare(ServerProcess server, int round) throws Exception {
    for (int i = 0; i < ACTORS; i++) {
      long count = Long.parseLong(get(server, "actor-" + i)[0]);
      var what = "round " + round + ", actor " + i + ": ";
      assertTrue(count >= answered.get(i), what + count + " of " + answered.get(i) + " answered");
      assertTrue(count <= sent.get(i), what + count + " of " + sent.get(i) + " sent");
      increments += count - (round == 0 ? 0 : before[i]);
      before[i] = count;
      sent.set(i, count);
      answered.set(i, count);
    }
  }

  private final long[] before = new long[ACTORS];

  private void everyAlarmFires(ServerProcess server, List<String> set, int round) throws Exception {
    var waiting = new ArrayList<>(set);
    long deadline = System.nanoTime() + ALARM_PATIENCE.toNanos();
    while (!waiting.isEmpty()) {
      for (var name : List.copyOf(waiting)) {
        if (!get(server, name)[1].equals("0")) {
          waiting.remove(name);
        }
      }
      assertTrue(
          System.nanoTime() < deadline,
          "round " + round + ": alarms that did not fire: " + waiting);
    }
  }

  private String[] get(ServerProcess server, String actor) throws Exception {
    var answer =
        client.send(
            HttpRequest.newBuilder(server.uri("/tally/" + actor))
                .timeout(Duration.ofSeconds(30))
                .build(),
            HttpResponse.BodyHandlers.ofString());
    assertEquals(200, answer.statusCode(), answer.body());
    return answer.body().split(" ");
  }

  private void damageTheEnd(Path data) throws IOException {
    damagedTails++;
    if (JournalEnd.damage(
        data.resolve("journal"), random, (actor, count) -> count > answered.get(actor))) {
      tornBatches++;
    }
  }
}
