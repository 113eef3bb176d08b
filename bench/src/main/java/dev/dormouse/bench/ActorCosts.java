package dev.dormouse.bench;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.dormouse.Node;
import dev.dormouse.config.ServerConfig;
import dev.dormouse.limits.LimitPolicy;
import dev.dormouse.limits.Limits;
import dev.dormouse.limits.Settings;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Map;

/**
 * What actors cost a real server: heap of an awake and of a sleeping one, with and without an open
 * WebSocket, and how long a request waits for a sleeping one. Arguments: for each language its
 * name, the module of the example {@code chat}, and that of {@code counter}.
 */
public final class ActorCosts implements AutoCloseable {
  private static final int ACTORS = 1_000;
  private static final int WAKES = 500;
  private static final String AWAKE = "awake";
  private static final String ASLEEP = "asleep";

  private final HttpClient http = HttpClient.newHttpClient();
  private final Node node;

  private ActorCosts(Path data) {
    var config =
        ServerConfig.defaults().withPublic("127.0.0.1", 0).withAdmin("127.0.0.1", 0).withData(data);
    var limits = new LimitPolicy(idleSleep("1h"), Map.of(ASLEEP, idleSleep("1s")));
    node =
        Node.start(
            new ServerConfig(
                config.host(),
                config.port(),
                config.adminHost(),
                config.adminPort(),
                data,
                null,
                null,
                limits,
                config.node(),
                Map.of()),
            true);
  }

  private static Limits idleSleep(String time) {
    // What an actor at rest takes is measured by bench compare.
    var json = "{\"idleSleep\": \"" + time + "\", \"idleCompact\": \"1h\"}";
    var parsed = Settings.parse("limits", json.getBytes(UTF_8));
    return LimitPolicy.read("limits", parsed, Limits.DEFAULTS);
  }

  public static void main(String[] args) throws Exception {
    for (int i = 0; i < args.length; i += 3) {
      try (var costs = new ActorCosts(Files.createTempDirectory("costs"))) {
        costs.heap(args[i], Path.of(args[i + 1]));
      }
      try (var costs = new ActorCosts(Files.createTempDirectory("costs"))) {
        costs.wake(args[i], Path.of(args[i + 2]));
      }
    }
  }

  private void heap(String language, Path chat) throws IOException, InterruptedException {
    deploy(AWAKE, chat);
    deploy(ASLEEP, chat);
    send("GET", "/" + AWAKE + "/first/");
    send("GET", "/" + ASLEEP + "/first/");
    awaitAwake(1);
    long empty = heapBytes();
    for (int i = 0; i < ACTORS; i++) {
      send("GET", "/" + AWAKE + "/actor" + i + "/");
    }
    long awake = heapBytes();
    row(language, "awake, no connection", awake - empty);
    row(language, "as the server counts it", reservedBytes());
    var holder = hold(AWAKE);
    row(language, "awake, one WebSocket", heapBytes() - empty);
    release(holder);
    long before = heapBytes();
    holder = hold(ASLEEP);
    awaitAwake(1 + ACTORS);
    row(language, "asleep, one WebSocket", heapBytes() - before);
    release(holder);
    awaitAwake(1 + ACTORS);
    row(language, "asleep, no connection", heapBytes() - before);
  }

  private static void row(String language, String what, long bytes) {
    System.out.printf("%s actor, %s: %,d bytes of heap%n", language, what, bytes / ACTORS);
  }

  private void wake(String language, Path counter) throws IOException, InterruptedException {
    deploy(ASLEEP, counter);
    for (int i = 0; i < WAKES; i++) {
      send("POST", "/" + ASLEEP + "/actor" + i + "/increment");
    }
    awaitAwake(0);
    var asleep = new long[WAKES];
    var awake = new long[WAKES];
    for (int i = 0; i < WAKES; i++) {
      asleep[i] = send("GET", "/" + ASLEEP + "/actor" + i + "/");
      awake[i] = send("GET", "/" + ASLEEP + "/actor" + i + "/");
    }
    times(language, "asleep", asleep);
    times(language, "awake", awake);
  }

  private static void times(String language, String what, long[] nanos) {
    Arrays.sort(nanos);
    System.out.printf(
        "request to an actor in %s, %s: p50 %.2f ms, p99 %.2f ms%n",
        language, what, nanos[WAKES / 2] / 1e6, nanos[WAKES * 99 / 100] / 1e6);
  }

  /** Answers how long it took, in nanoseconds. */
  private long send(String method, String path) throws IOException, InterruptedException {
    var uri = URI.create("http://127.0.0.1:" + node.publicPort() + path);
    var request = HttpRequest.newBuilder(uri).method(method, BodyPublishers.noBody()).build();
    long start = System.nanoTime();
    var answer = http.send(request, BodyHandlers.ofString());
    long took = System.nanoTime() - start;
    if (answer.statusCode() != 200) {
      throw new IOException(path + " was answered " + answer.statusCode() + answer.body());
    }
    return took;
  }

  private void deploy(String namespace, Path module) throws IOException, InterruptedException {
    var uri = admin("/v1/namespaces/" + namespace);
    var put = BodyPublishers.ofByteArray(Files.readAllBytes(module));
    var request =
        HttpRequest.newBuilder(uri).header("content-type", "application/wasm").PUT(put).build();
    var answer = http.send(request, BodyHandlers.ofString());
    if (answer.statusCode() / 100 != 2) {
      throw new IOException("the module was refused: " + answer.body());
    }
  }

  private URI admin(String path) {
    return URI.create("http://127.0.0.1:" + node.adminPort() + path);
  }

  /** What the server counts for all awake actors: linear memory, and an estimate of the rest. */
  private long reservedBytes() throws IOException, InterruptedException {
    return (long) metric("dormouse_memory_reserved_bytes");
  }

  private double metric(String name) throws IOException, InterruptedException {
    var request = HttpRequest.newBuilder(admin("/metrics")).build();
    return http.send(request, BodyHandlers.ofString())
        .body()
        .lines()
        .filter(line -> line.startsWith(name + " "))
        .mapToDouble(line -> Double.parseDouble(line.substring(name.length() + 1)))
        .findFirst()
        .orElseThrow(() -> new IOException("there is no metric " + name));
  }

  private void awaitAwake(int actors) throws IOException, InterruptedException {
    for (int i = 0; i < 300; i++) {
      if (metric("dormouse_actors_awake") == actors) {
        return;
      }
      Thread.sleep(Duration.ofMillis(200));
    }
    throw new IOException("there are never " + actors + " actors awake");
  }

  private Process hold(String namespace) throws IOException {
    var process =
        new ProcessBuilder(
                ProcessHandle.current().info().command().orElse("java"),
                "-cp",
                System.getProperty("java.class.path"),
                SocketHolder.class.getName(),
                Integer.toString(node.publicPort()),
                namespace,
                Integer.toString(ACTORS))
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    if (process.getInputStream().read() < 0) {
      throw new IOException("the connections could not be opened");
    }
    return process;
  }

  private static void release(Process holder) throws IOException, InterruptedException {
    holder.getOutputStream().close();
    holder.waitFor();
  }

  /** What is in use after a full collection; the least of several, since others allocate too. */
  private static long heapBytes() throws InterruptedException {
    long least = Long.MAX_VALUE;
    var memory = ManagementFactory.getMemoryMXBean();
    for (int i = 0; i < 4; i++) {
      memory.gc();
      least = Math.min(least, memory.getHeapMemoryUsage().getUsed());
      Thread.sleep(Duration.ofMillis(300));
    }
    return least;
  }

  @Override
  public void close() {
    http.close();
    node.close();
  }
}
