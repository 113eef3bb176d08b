package dev.dormouse;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dormouse.testkit.ServerProcess;
import dev.dormouse.testkit.TallyModule;
import java.io.ByteArrayOutputStream;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Uploads that are made to take a server's time and memory. The server has a small heap and ends
 * itself when that is used up, so whatever passes here was bounded.
 */
@Tag("slow")
class HostileUploadTest {
  private static final int SIZE = 60 * 1024 * 1024;
  private static final byte[] HEADER = {0, 'a', 's', 'm', 1, 0, 0, 0};
  private static final int QUICK_MILLIS = 20_000;

  @TempDir static Path directory;
  private static ServerProcess server;
  private static HttpClient client;

  @BeforeAll
  static void start() throws Exception {
    client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    var data = Files.createDirectories(directory.resolve("data"));
    server = ServerProcess.start(data, List.of("-Xmx1g", "-XX:+ExitOnOutOfMemoryError"), List.of());
    server.deploy(client, "tally", TallyModule.assemble());
  }

  @AfterAll
  static void stop() throws Exception {
    assertTrue(server.isAlive(), "the server is still there");
    assertEquals(0, server.stop());
    server.close();
    client.close();
  }

  @Test
  void garbageIsRefused() throws Exception {
    refused("garbage", garbage(SIZE));
  }

  @Test
  void garbageBehindTheHeaderIsRefused() throws Exception {
    var wasm = garbage(SIZE);
    System.arraycopy(HEADER, 0, wasm, 0, HEADER.length);
    refused("header", wasm);
  }

  @Test
  void aCodeSectionOfGarbageIsRefused() throws Exception {
    refused("code", module(section(10, number(1), number(SIZE), garbage(SIZE))));
  }

  @Test
  void aCountOfFunctionsBeyondReasonIsRefused() throws Exception {
    var none = new byte[SIZE];
    refused("functions", module(emptyType(), section(3, number(SIZE), none)));
    refused("count", module(emptyType(), section(3, number(0xFFFF_FFFFL), none)));
    refused("bodies", module(emptyType(), section(10, number(SIZE / 3), filled(2, 0, 0x0b))));
  }

  @Test
  void localsBeyondReasonAreRefused() throws Exception {
    var body = bytes(number(1), number(0xFFFF_FFFFL), new byte[] {0x7f, 0x0b});
    var one = bytes(number(1), number(body.length), body);
    refused("locals", module(emptyType(), section(3, number(1), number(0)), section(10, one)));
    // A million functions, each with many locals.
    refused(
        "groups",
        module(section(10, number(SIZE / 8), filled(7, 1, 0xff, 0xff, 3, 0x7f, 0, 0x0b))));
  }

  @Test
  void listsBeyondReasonAreRefused() throws Exception {
    refused("types", module(section(1, number(SIZE / 3), filled(0x60, 0, 0))));
    refused(
        "parameters",
        module(section(1, number(1), bytes(new byte[] {0x60}, number(SIZE), filled(0x7f)))));
    refused("imports", module(emptyType(), section(2, number(SIZE / 4), filled(0, 0, 0, 0))));
    refused("globals", module(section(6, number(SIZE / 5), filled(0x7f, 0, 0x41, 0, 0x0b))));
    refused(
        "expression",
        module(section(6, number(1), bytes(new byte[] {0x7f, 0, 0x41, 0}, filled(0x41, 0, 0x6a)))));
    refused("exports", module(section(7, number(SIZE / 3), filled(0, 0, 0))));
    refused(
        "elements",
        module(section(9, number(1), bytes(new byte[] {1, 0}, number(SIZE), filled(0)))));
    refused("segments", module(section(11, number(SIZE / 2), filled(1, 0))));
    refused(
        "offset",
        module(section(11, number(1), bytes(new byte[] {0, 0x41, 0}, filled(0x41, 0, 0x6a)))));
    refused("sections", bytes(HEADER, filled(0, 1, 0)));
  }

  /** Just below what the heap has room for, so that only the work itself finds out. */
  @Test
  void codeThatIsAlmostTooMuchIsRefusedOrTakenWithoutHarm() throws Exception {
    int size = 4 * 1024 * 1024 - 1024;
    for (int instruction : new int[] {0x01, 0x02, 0x0e, 0x41, 0xfc}) {
      var body = new byte[size];
      Arrays.fill(body, (byte) instruction);
      body[0] = 0;
      var code = bytes(number(1), number(size), body);
      var wasm = module(emptyType(), section(3, number(1), number(0)), section(10, code));
      refused("almost-" + instruction, wasm);
    }
  }

  @Test
  void eightAtATimeAreRefusedAndActorsAreServedMeanwhile() throws Exception {
    var wasm = module(section(10, number(1), number(SIZE), garbage(SIZE)));
    var uploads = new ArrayList<CompletableFuture<Integer>>();
    for (int i = 0; i < 8; i++) {
      var name = "many-" + i;
      var answer = new CompletableFuture<Integer>();
      uploads.add(answer);
      Thread.ofVirtual().start(() -> answer.complete(status(name, wasm)));
    }
    var all = CompletableFuture.allOf(uploads.toArray(CompletableFuture<?>[]::new));
    int served = 0;
    do {
      increment();
      served++;
    } while (!all.isDone());
    for (var upload : uploads) {
      int status = upload.join();
      assertTrue(status == 422 || status == 503, "answered " + status);
    }
    assertTrue(served > 1, "requests answered meanwhile: " + served);
    refused("after-many", wasm);
  }

  @Test
  void moreThanTheLimitIsRefusedBeforeItIsRead() throws Exception {
    var wasm = new byte[64 * 1024 * 1024 + 1];
    System.arraycopy(HEADER, 0, wasm, 0, HEADER.length);
    var whole = upload("large", HttpRequest.BodyPublishers.ofByteArray(wasm));
    assertEquals(413, whole.statusCode(), whole.body());
    assertTrue(whole.body().contains("payload_too_large"), whole.body());
    // Without a length, it is known only when so much has come.
    var chunks =
        upload("chunked", HttpRequest.BodyPublishers.ofByteArrays(() -> List.of(wasm).iterator()));
    assertEquals(413, chunks.statusCode(), chunks.body());
    increment();
  }

  private static void refused(String name, byte[] wasm) throws Exception {
    long start = System.nanoTime();
    var answer = upload(name, HttpRequest.BodyPublishers.ofByteArray(wasm));
    long millis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start);
    assertEquals(422, answer.statusCode(), name + ": " + answer.body());
    assertTrue(answer.body().contains("module_invalid"), answer.body());
    assertTrue(millis < QUICK_MILLIS, name + " took " + millis + " ms");
    increment();
  }

  private static int status(String name, byte[] wasm) {
    try {
      return upload(name, HttpRequest.BodyPublishers.ofByteArray(wasm)).statusCode();
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  private static HttpResponse<String> upload(String name, HttpRequest.BodyPublisher body)
      throws Exception {
    return server.admin(client, "PUT", "/v1/namespaces/" + name, body);
  }

  private static void increment() throws Exception {
    var answer =
        client.send(
            HttpRequest.newBuilder(server.uri("/tally/one/increment"))
                .timeout(Duration.ofSeconds(30))
                .POST(HttpRequest.BodyPublishers.noBody())
                .build(),
            HttpResponse.BodyHandlers.ofString());
    assertEquals(200, answer.statusCode(), answer.body());
  }

  private static byte[] garbage(int size) {
    var bytes = new byte[size];
    new Random(size).nextBytes(bytes);
    return bytes;
  }

  /** As many of these bytes, again and again, as make up the size. */
  private static byte[] filled(int... pattern) {
    var bytes = new byte[SIZE / pattern.length * pattern.length];
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = (byte) pattern[i % pattern.length];
    }
    return bytes;
  }

  private static byte[] module(byte[]... sections) {
    return bytes(HEADER, bytes(sections));
  }

  private static byte[] emptyType() {
    return section(1, number(1), new byte[] {0x60, 0, 0});
  }

  private static byte[] section(int id, byte[]... parts) {
    var content = bytes(parts);
    return bytes(new byte[] {(byte) id}, number(content.length), content);
  }

  private static byte[] number(long value) {
    var out = new ByteArrayOutputStream();
    long left = value;
    while (left >= 0x80) {
      out.write((int) (left & 0x7F) | 0x80);
      left >>>= 7;
    }
    out.write((int) left);
    return out.toByteArray();
  }

  private static byte[] bytes(byte[]... parts) {
    var out = new ByteArrayOutputStream();
    for (var part : parts) {
      out.writeBytes(part);
    }
    return out.toByteArray();
  }
}
