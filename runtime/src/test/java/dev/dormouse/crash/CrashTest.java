package dev.dormouse.crash;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dormouse.testkit.ServerProcess;
import dev.dormouse.testkit.TallyModule;
import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
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
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Kills a server under load again and again, and counts: no increment that was answered may be
 * lost, none may be there that was not sent, and every alarm that was answered must fire. {@code
 * -Ddormouse.crashRounds=200} runs the long form.
 *
 * <p>In one run the moment is random; in the other the journal is as small as it may be, so that
 * actors' files are brought up to date all the time, and the kill comes when the first of them has
 * changed.
 */
@Tag("slow")
class CrashTest {
  private static final int ROUNDS = Integer.getInteger("dormouse.crashRounds", 10);
  private static final int CHECKPOINT_ROUNDS =
      Integer.getInteger("dormouse.checkpointCrashRounds", 20);
  private static final String SMALL_JOURNAL =
      "{\"node\": {\"journalSegmentBytes\": \"64KiB\", \"journalBytes\": \"512KiB\"}}";
  private static final int ACTORS = 50;
  private static final int CLIENTS = 16;
  private static final int ALARMS = 10;
  private static final Duration ALARM_PATIENCE = Duration.ofSeconds(60);

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
    var data = Files.createDirectories(directory.resolve("data"));
    crash(
        data,
        List.of(),
        ROUNDS,
        () -> {},
        round -> {
          if (round % 5 == 4) {
            damageTheEnd(data);
          }
        });
    System.out.printf(
        "crash: %s, %d damaged ends of which %d tore a batch%n",
        figures(ROUNDS), damagedTails, tornBatches);
  }

  @Test
  void nothingAcknowledgedIsLostWhenTheServerIsKilledInTheMiddleOfACheckpoint(
      @TempDir Path directory) throws Exception {
    var data = Files.createDirectories(directory.resolve("data"));
    var config = Files.writeString(directory.resolve("server.json"), SMALL_JOURNAL);
    var files = new ActorFiles(data);
    var aim = new Random(random.nextLong());
    int[] middles = new int[1];
    crash(
        data,
        List.of("--config", config.toString()),
        CHECKPOINT_ROUNDS,
        () -> {
          files.awaitChange();
          LockSupport.parkNanos(aim.nextInt(8_000_000));
        },
        round -> {
          if (files.areAheadOfTheCatalog()) {
            middles[0]++;
          }
        });
    System.out.printf(
        "crash in checkpoints: %s, %d in the middle of one%n",
        figures(CHECKPOINT_ROUNDS), middles[0]);
    assertTrue(
        middles[0] * 4 >= CHECKPOINT_ROUNDS, "kills in the middle of a checkpoint: " + middles[0]);
  }

  /** What is done to the data of a server that was killed. */
  private interface Damage {
    void run(int round) throws IOException;
  }

  /**
   * @param moment returns when the server is to be killed
   */
  private void crash(Path data, List<String> arguments, int rounds, Runnable moment, Damage damage)
      throws Exception {
    var server = ServerProcess.start(data, List.of(), arguments);
    try {
      server.deploy(client, "tally", TallyModule.assemble());
      for (int round = 0; round < rounds; round++) {
        var set = load(server, round, moment);
        damage.run(round);
        long start = System.nanoTime();
        server = ServerProcess.start(data, List.of(), arguments);
        startMillis.add(TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start));
        compare(server, round);
        everyAlarmFires(server, set, round);
      }
      assertEquals(0, server.stop(), "SIGTERM drains and exits 0");
    } finally {
      server.close();
      client.close();
    }
  }

  private String figures(int rounds) {
    startMillis.sort(null);
    return "%d rounds, %d increments answered, %d alarms, restart median %d ms, longest %d ms"
        .formatted(
            rounds,
            increments,
            alarms,
            startMillis.get(startMillis.size() / 2),
            startMillis.getLast());
  }

  /** Loads the server, kills it in the middle, and answers the actors whose alarm was set. */
  private List<String> load(ServerProcess server, int round, Runnable moment) throws Exception {
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
    try {
      // The moment of the kill is the point of the test; nothing is waited for.
      done.await(100 + random.nextInt(500), TimeUnit.MILLISECONDS);
      moment.run();
      server.kill();
    } finally {
      // Clients that went on would leave no thread to the tests after this one.
      stop.set(true);
    }
    assertTrue(done.await(60, TimeUnit.SECONDS), "clients of a dead server stop");
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
