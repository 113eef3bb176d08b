package dev.dormouse.module;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import dev.dormouse.testkit.TestServer;
import dev.dormouse.testkit.Wat;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Modules that differ only in their data and custom sections share one compilation. */
class SharedCodeTest {
  private static final String TEXT =
      """
      (module
        (import "dormouse:host/http@0.1.0" "respond"
          (func $respond (param i64 i32 i32 i32 i32 i32) (result i32)))
        (import "dormouse:host/app@0.1.0" "section" (func $section (param i32 i32 i32)))
        (memory (export "memory") 2)
        (data (i32.const 0) "@DATA@")
        (data (i32.const 16) "bundle")
        (global $heap (mut i32) (i32.const 4096))
        (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32)
          (local $p i32)
          (local.set $p (i32.and (i32.add (global.get $heap) (i32.const 7)) (i32.const -8)))
          (global.set $heap (i32.add (local.get $p) (local.get 3)))
          (local.get $p))
        (func (export "fetch") (param $request i64) (param i32 i32) (param $url i32) (param i32)
            (param i32 i32 i32 i32)
          (if (i32.eq (i32.load8_u offset=1 (local.get $url)) (i32.const 115))
            (then
              (call $section (i32.const 16) (i32.const 6) (i32.const 64))
              (drop (call $respond (local.get $request)
                (select (i32.const 200) (i32.const 404) (i32.load8_u (i32.const 64)))
                (i32.const 0) (i32.const 0)
                (i32.load (i32.const 68)) (i32.load (i32.const 72)))))
            (else (drop (call $respond (local.get $request) (i32.const 200) (i32.const 0)
              (i32.const 0) (i32.const 0) (i32.const 4)))))))
      """;

  @Test
  void codeIsCompiledOnceWhateverDataAndSectionsGoWithIt(@TempDir Path data) throws Exception {
    var plain = Wat.assemble(TEXT.replace("@DATA@", "aaaa"));
    var otherData = Wat.assemble(TEXT.replace("@DATA@", "bbbb"));
    var bundled = CustomSections.with(plain, Map.of("bundle", "let a = 1".getBytes(UTF_8)));
    var otherCode = Wat.assemble(TEXT.replace("@DATA@", "cccc").replace("404", "405"));
    try (var server = TestServer.start(data)) {
      server.deploy("plain", plain);
      server.deploy("other-data", otherData);
      server.deploy("bundled", bundled);
      assertEquals(1, compilations(server));
      server.deploy("other-code", otherCode);
      assertEquals(2, compilations(server));
      assertEquals("aaaa", server.get("/plain/x/").body());
      assertEquals("bbbb", server.get("/other-data/x/").body());
      assertEquals("let a = 1", server.get("/bundled/x/s").body());
      assertEquals(404, server.get("/plain/x/s").statusCode(), "it has no such section");
      assertNotEquals(plain.length, bundled.length);
    }
  }

  private static int compilations(TestServer server) throws IOException, InterruptedException {
    var metrics =
        server
            .client()
            .send(
                HttpRequest.newBuilder(
                        URI.create("http://127.0.0.1:" + server.adminPort() + "/metrics"))
                    .build(),
                HttpResponse.BodyHandlers.ofString())
            .body();
    return metrics
        .lines()
        .filter(line -> line.startsWith("dormouse_compilations_total "))
        .mapToInt(line -> (int) Double.parseDouble(line.substring(line.indexOf(' '))))
        .findFirst()
        .orElseThrow();
  }
}
