package dev.dormouse.script;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dormouse.testkit.Checkout;
import dev.dormouse.testkit.TestServer;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Scripts that the admin API takes as they are. */
@Tag("slow")
class ScriptUploadTest {
  @TempDir static Path data;
  private static @Nullable TestServer started;

  @BeforeAll
  static void aServerRunsFromACheckout() throws IOException {
    Checkout.isHome();
    started = TestServer.start(data);
  }

  @AfterAll
  static void itStops() {
    if (started != null) {
      started.close();
    }
  }

  @Test
  void aScriptIsUploadedAsItIs() throws IOException {
    byte[] counter = Files.readAllBytes(Path.of("../examples/js/counter/worker.js"));
    var answer = server().upload("raw", counter, "text/javascript; charset=utf-8");
    assertEquals(201, answer.statusCode(), answer.body());
    assertEquals(
        200,
        server().upload("raw", counter, "application/javascript").statusCode(),
        "the same script is the same version");
    assertEquals("1", server().post("/raw/a/increment", "").body());
    assertEquals(400, server().upload("raw", new byte[0], "text/html").statusCode());
  }

  @Test
  void itsModuleCarriesItAsTextAndCompiled() throws IOException {
    String script = "export default { fetch() { return new Response('carried along'); } };";
    var answer = upload("both", script);
    var module =
        Files.readString(
            data.resolve("modules/" + TestServer.json(answer).path("sha256").asText() + ".wasm"),
            ISO_8859_1);
    assertTrue(module.contains("dormouse:bundle" + script));
    assertTrue(module.contains("dormouse:bytecode"));
    assertEquals("carried along", server().get("/both/a").body());
  }

  @Test
  void allScriptsAndTheirCompilerRunTheSameCode() {
    for (int n = 0; n < 3; n++) {
      upload("one" + n, "export default { fetch() { return new Response('" + n + "'); } };");
    }
    var compilations =
        server()
            .adminText("/metrics")
            .lines()
            .filter(line -> line.startsWith("dormouse_compilations"))
            .map(line -> line.substring(line.lastIndexOf(' ') + 1))
            .toList();
    assertEquals("[1.0]", compilations.toString());
  }

  @Test
  void anErrorOfAnActorStillNamesLineAndColumnOfTheScript() {
    upload(
        "thrower",
        """
        export default {
          fetch() {
            throw new Error("here");
          },
        };
        """);
    assertEquals(500, server().get("/thrower/a").statusCode());
    var log = server().adminText("/v1/logs?namespace=thrower&actor=a");
    assertTrue(log.contains("bundle.js:3:"), log);
  }

  @Test
  void aMistakeIsToldAtTheUploadWithLineAndColumn() {
    var answer =
        server()
            .upload(
                "mistaken",
                """
                export default {
                  fetch() { return new Respo nse(); }
                };
                """
                    .getBytes(UTF_8),
                "text/javascript");
    refused(answer, "the script does not compile: SyntaxError: ", ", in line 2, column ");
    assertEquals(404, server().get("/mistaken/a").statusCode());
  }

  @Test
  void anImportThatTheServerDoesNotHaveIsToldAtTheUpload() {
    refused(
        server().upload("alone", "import './other.js';".getBytes(UTF_8), "text/javascript"),
        "the script does not compile: ",
        "bundle all others");
    var objects = "import { DurableObject } from 'cloudflare:workers'; export default {};";
    assertEquals(201, upload("objects", objects).statusCode());
  }

  @Test
  void whatIsNoTextIsRefused() {
    refused(
        server().upload("bytes", new byte[] {'x', (byte) 0xFF}, "text/javascript"),
        "not UTF-8",
        "");
  }

  @Test
  void aScriptThatTakesTooMuchToCompileIsRefusedAndOthersAreNot() {
    var deep = "(".repeat(1_000_000);
    var answer = server().upload("deep", deep.getBytes(UTF_8), "text/javascript");
    refused(answer, "the script does not compile: ", "");
    var large = ("'" + "x".repeat(1_000_000) + "';").repeat(60).getBytes(UTF_8);
    refused(server().upload("large", large, "text/javascript"), "script", "");
    assertEquals(201, upload("fine", "export default { fetch() {} };").statusCode());
  }

  private static void refused(HttpResponse<String> answer, String because, String and) {
    assertEquals(422, answer.statusCode(), answer.body());
    assertEquals("module_invalid", TestServer.code(answer));
    var detail = TestServer.json(answer).path("detail").asText();
    assertTrue(detail.contains(because) && detail.contains(and), detail);
  }

  private static HttpResponse<String> upload(String namespace, String script) {
    var answer = server().upload(namespace, script.getBytes(UTF_8), "text/javascript");
    assertEquals(2, answer.statusCode() / 100, answer.body());
    return answer;
  }

  private static TestServer server() {
    return Objects.requireNonNull(started);
  }
}
