package dev.dormouse.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.dormouse.testkit.TestServer;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the examples with Durable Objects do, and those in JavaScript beyond their like. */
@Tag("slow")
class ScriptExamplesTest {
  @TempDir Path data;
  private TestServer server;

  @BeforeEach
  void start() {
    server = TestServer.start(data);
  }

  @AfterEach
  void stop() {
    server.close();
  }

  @Test
  void aScriptIsUploadedAsItIs() throws Exception {
    // Building an example says where the checkout is, which the server asks when it starts.
    ExampleLanguage.JS.module("counter");
    restart();
    var counter = ExampleLanguage.repository().resolve("examples/js/counter/worker.js");
    var answer = upload("raw", Files.readAllBytes(counter), "text/javascript; charset=utf-8");
    assertEquals(201, answer.statusCode(), answer.body());
    assertEquals(
        200,
        upload("raw", Files.readAllBytes(counter), "application/javascript").statusCode(),
        "the same script is the same version");
    assertEquals("1", server.post("/raw/a/increment", "").body());
    assertEquals(400, upload("raw", new byte[0], "text/html").statusCode());
  }

  private HttpResponse<String> upload(String namespace, byte[] script, String type)
      throws Exception {
    var uri = server.open("/v1/namespaces/" + namespace).toString();
    uri = uri.replace(":" + server.port(), ":" + server.adminPort());
    return server
        .client()
        .send(
            HttpRequest.newBuilder(URI.create(uri))
                .header("content-type", type)
                .PUT(BodyPublishers.ofByteArray(script))
                .build(),
            BodyHandlers.ofString());
  }

  private void restart() {
    server.close();
    server = TestServer.start(data);
  }
}
