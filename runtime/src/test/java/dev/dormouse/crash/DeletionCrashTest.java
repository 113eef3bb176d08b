package dev.dormouse.crash;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
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
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Kills a server while it deletes a namespace. Afterwards the namespace is there with every actor,
 * or it is gone with every actor: none comes back when the name is used again.
 */
@Tag("slow")
class DeletionCrashTest {
  private static final int ROUNDS = Integer.getInteger("dormouse.deletionCrashRounds", 8);
  private static final int ACTORS = 400;
  private static final int LATEST_NANOS = 60_000_000;

  private final Random random = new Random(Long.getLong("dormouse.crashSeed", 42));
  private final HttpClient client =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

  @Test
  void aNamespaceIsDeletedWithAllOfItsActorsOrNotAtAll(@TempDir Path directory) throws Exception {
    var data = Files.createDirectories(directory.resolve("data"));
    var mark = data.resolve("namespaces").resolve("tally.deleted");
    var binding = data.resolve("namespaces").resolve("tally.json");
    var wasm = TallyModule.assemble();
    int kept = 0;
    int halfway = 0;
    var server = ServerProcess.start(data);
    try {
      for (int round = 0; round < ROUNDS; round++) {
        server.deploy(client, "tally", wasm);
        fill(server);
        killWhileDeleting(server, mark, round);
        boolean begun = Files.exists(mark);
        boolean bound = Files.exists(binding) && !begun;
        halfway += begun ? 1 : 0;
        kept += bound ? 1 : 0;
        server = ServerProcess.start(data);
        assertFalse(Files.exists(mark), "a deletion that has begun is finished by the start");
        assertEquals(bound ? 200 : 404, get(server, "actor-0").statusCode());
        server.deploy(client, "tally", wasm);
        for (int i = 0; i < ACTORS; i++) {
          assertEquals(bound ? "1 0" : "0 0", get(server, "actor-" + i).body(), "actor " + i);
        }
        delete(server);
      }
      assertEquals(0, server.stop());
    } finally {
      server.close();
      client.close();
    }
    System.out.printf(
        "crash in deletions: %d rounds, %d before the deletion began, %d halfway%n",
        ROUNDS, kept, halfway);
    assertTrue(halfway > 0, "no kill came in the middle");
  }

  private void fill(ServerProcess server) throws Exception {
    var tasks = new ArrayList<Callable<String>>();
    for (int i = 0; i < ACTORS; i++) {
      var request =
          HttpRequest.newBuilder(server.uri("/tally/actor-" + i + "/increment"))
              .POST(HttpRequest.BodyPublishers.noBody())
              .timeout(Duration.ofSeconds(30))
              .build();
      tasks.add(() -> client.send(request, HttpResponse.BodyHandlers.ofString()).body());
    }
    try (var threads = Executors.newFixedThreadPool(8)) {
      for (var answer : threads.invokeAll(tasks)) {
        assertEquals("1", answer.get());
      }
    }
  }

  private void killWhileDeleting(ServerProcess server, Path mark, int round) throws Exception {
    var answered = new CompletableFuture<Boolean>();
    Thread.ofVirtual()
        .start(
            () -> {
              try {
                delete(server);
              } catch (Exception killed) {
                // What it answered does not matter here.
              }
              answered.complete(true);
            });
    // Every other kill comes at any moment, the rest once the deletion has begun.
    if (round % 2 == 0) {
      long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
      while (!Files.exists(mark) && !answered.isDone() && System.nanoTime() < deadline) {
        Thread.onSpinWait();
      }
      LockSupport.parkNanos(random.nextInt(LATEST_NANOS / 4));
    } else {
      LockSupport.parkNanos(random.nextInt(LATEST_NANOS));
    }
    server.kill();
    answered.get(60, TimeUnit.SECONDS);
  }

  private void delete(ServerProcess server) throws IOException, InterruptedException {
    server.admin(client, "DELETE", "/v1/namespaces/tally", HttpRequest.BodyPublishers.noBody());
  }

  private HttpResponse<String> get(ServerProcess server, String actor) throws Exception {
    return client.send(
        HttpRequest.newBuilder(server.uri("/tally/" + actor))
            .timeout(Duration.ofSeconds(30))
            .build(),
        HttpResponse.BodyHandlers.ofString());
  }
}
