package dev.dormouse;

import static org.junit.jupiter.api.Assertions.assertAll;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dormouse.testkit.HostileModule;
import dev.dormouse.testkit.TestServer;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;

class HostileModuleTest {
  /** Imports that take nothing that could be wrong: any number is a fine argument. */
  private static final Set<String> HARMLESS =
      Set.of(
          "identity.waking-reason",
          "app.role",
          "app.memory-limit",
          "actors.cancel",
          "web.cancel",
          "connection.defer",
          "connection.splice",
          "storage.delete-all",
          "alarm.set",
          "alarm.delete",
          "alarm.retry",
          "timer.start",
          "timer.cancel",
          "clock.now",
          "random.u64");

  @TempDir static Path data;
  private static TestServer server;

  @BeforeAll
  static void start() {
    server = TestServer.start(data);
    server.deploy("hostile", HostileModule.assemble());
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  @Test
  void anInfiniteLoopRunsOutOfFuel() {
    answers("l", 500, "out_of_fuel");
  }

  @Test
  void anInfiniteRecursionExhaustsItsStackAndNotTheServers() {
    answers("r", 500, "stack_exhausted");
  }

  @Test
  void aMemoryBombExceedsItsMemory() {
    answers("m", 500, "memory_exceeded");
  }

  @Test
  void aTableBombIsStopped() {
    var answer = server.get("/hostile/t/t");
    assertEquals(500, answer.statusCode(), answer.body());
    assertTrue(
        Set.of("memory_exceeded", "actor_trapped").contains(TestServer.code(answer)),
        answer.body());
  }

  @Test
  void trapsAnswerThatTheActorTrapped() {
    assertAll(
        trap("u", "unreachable"),
        trap("i", "bad_table_call"),
        trap("n", "bad_table_call"),
        trap("o", "out_of_bounds"),
        trap("d", "arithmetic"));
  }

  @Test
  void aBadPointerGivenToAnyImportEndsTheTurnAndNothingElse() {
    var checks = new ArrayList<Executable>();
    IntStream.range(0, HostileModule.IMPORTS.size())
        .forEach(
            i ->
                checks.add(
                    () -> {
                      var name = HostileModule.IMPORTS.get(i);
                      var answer = server.get("/hostile/p" + i + "/p" + i);
                      if (HARMLESS.contains(name)) {
                        assertEquals(200, answer.statusCode(), name + ": " + answer.body());
                      } else {
                        assertEquals(500, answer.statusCode(), name + ": " + answer.body());
                        assertEquals("actor_trapped", TestServer.code(answer), name);
                      }
                    }));
    assertAll(checks);
  }

  @Test
  void aTurnThatTrapsLeavesNothingBehind() {
    answers("w", 500, "actor_trapped");
    var stored = server.admin("GET", "/v1/namespaces/hostile/actors/w/storage");
    assertTrue(stored.path("entries").isEmpty(), stored.toString());
  }

  @Test
  void anActorThatTrappedServesTheNextRequest() {
    assertEquals(500, server.get("/hostile/again/u").statusCode());
    assertEquals("done", server.get("/hostile/again/k").body());
  }

  @Test
  void anActorThatFloodsItselfWithTimersLeavesOthersResponsive() {
    assertEquals("done", server.get("/hostile/flood/f").body());
    for (int i = 0; i < 20; i++) {
      assertEquals("done", server.get("/hostile/neighbour/k").body());
    }
    server.admin("DELETE", "/v1/namespaces/hostile/actors/flood");
  }

  @Test
  @Tag("slow")
  void sixteenActorsInInfiniteLoopsAreEachStoppedAndNeighboursAreServedMeanwhile() {
    // Enough to loop for a good while, and not so long that a slow machine's clock ends it first.
    server.deploy("loops", HostileModule.assemble("{\"fuelPerTurn\": 300000000}"));
    var loops = new ArrayList<CompletableFuture<HttpResponse<String>>>();
    for (int i = 0; i < 16; i++) {
      loops.add(
          server
              .client()
              .sendAsync(
                  HttpRequest.newBuilder(server.open("/loops/loop-" + i + "/l")).build(),
                  HttpResponse.BodyHandlers.ofString()));
    }
    var all = CompletableFuture.allOf(loops.toArray(CompletableFuture<?>[]::new));
    int served = 0;
    long longestNanos = 0;
    while (!all.isDone()) {
      long start = System.nanoTime();
      assertEquals("done", server.get("/loops/neighbour-" + served % 4 + "/k").body());
      longestNanos = Math.max(longestNanos, System.nanoTime() - start);
      served++;
    }
    for (var loop : loops) {
      var answer = loop.join();
      assertEquals(500, answer.statusCode(), answer.body());
      assertEquals("out_of_fuel", TestServer.code(answer));
    }
    assertTrue(served >= 20, "neighbours served " + served);
    assertTrue(longestNanos < 5_000_000_000L, "a neighbour waited " + longestNanos + " ns");
    assertEquals("done", server.get("/loops/loop-0/k").body(), "a stopped actor goes on");
  }

  private static void answers(String harm, int status, String code) {
    var answer = server.get("/hostile/" + harm + "/" + harm);
    assertEquals(status, answer.statusCode(), answer.body());
    assertEquals(code, TestServer.code(answer), answer.body());
  }

  private static Executable trap(String harm, String trap) {
    return () -> {
      var answer = server.get("/hostile/" + harm + "/" + harm);
      assertEquals("actor_trapped", TestServer.code(answer), answer.body());
      assertEquals(trap, TestServer.json(answer).path("trap").asText(), answer.body());
    };
  }
}
