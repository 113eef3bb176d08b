package dev.dormouse.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.abort;

import dev.dormouse.testkit.ServerProcess;
import java.net.http.HttpClient;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The chat's page as two people use it, in two tabs of a real browser. */
@Tag("slow")
class ChatPageTest {
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final String TEXTS =
      "[...document.querySelectorAll('#messages .text')].map(e => e.textContent)";

  @TempDir Path temp;

  @ParameterizedTest
  @EnumSource(
      names = {"JS_DIRECT", "TS"},
      mode = EnumSource.Mode.EXCLUDE)
  void twoTabsTalkAndFindTheirMessagesWhenTheServerWasKilled(ExampleLanguage language)
      throws Exception {
    var namespace = language.namespace("chat");
    var module = language.module("chat");
    var data = temp.resolve("data");
    var server = ServerProcess.start(data);
    try (var client = HttpClient.newHttpClient();
        var browser = browser()) {
      server.deploy(client, namespace, module);
      var lobby = server.uri("/" + namespace + "/lobby");
      var hazel = browser.open(lobby);
      var otto = browser.open(lobby);
      var said = new ArrayList<String>();
      for (var tab : List.of(hazel, otto)) {
        awaitStatus(tab, "connected");
        tab.evaluate("window.neverReloaded = true");
      }
      hazel.type("#username", "Hazel");
      otto.type("#username", "Otto");

      say(hazel, otto, said, "Otto, are you awake? It is nearly winter!");
      say(otto, hazel, said, "I was asleep. You sent a message, so here I am.");
      say(otto, hazel, said, "I barely had to stretch.");
      say(hazel, otto, said, "And you still know where the nuts are?");
      say(otto, hazel, said, "Every single one. They were on disk before I said a word 🌰");

      int port = lobby.getPort();
      server.kill();
      for (var tab : List.of(hazel, otto)) {
        awaitStatus(tab, "disconnected, trying again");
      }
      server = ServerProcess.start(data, port);
      for (var tab : List.of(hazel, otto)) {
        awaitStatus(tab, "connected");
        awaitTexts(tab, said);
        assertTrue(tab.evaluate("window.neverReloaded").asBoolean(), "the page reconnects itself");
      }
      say(hazel, otto, said, "Somebody pulled the plug just now. Did we lose anything?");
      say(otto, hazel, said, "Not a nut. Good night, Hazel.");

      hazel.toFront();
      var screenshot = Path.of("target", namespace + ".png");
      hazel.screenshot(screenshot);
      assertTrue(Files.size(screenshot) > 5_000, "a picture that shows something");
    } finally {
      server.close();
    }
  }

  /** Says something in one tab, and waits until both show it. */
  private static void say(Browser.Tab from, Browser.Tab to, List<String> said, String text) {
    from.toFront();
    from.type("#text", text);
    said.add(text);
    awaitTexts(to, said);
    awaitTexts(from, said);
    assertEquals("", from.evaluate("document.querySelector('#text').value").asText());
    var last = "[...document.querySelectorAll('#messages li')].at(-1).className";
    assertTrue(from.evaluate(last).asText().contains("mine"), "one's own words are marked");
    assertEquals(false, to.evaluate(last).asText().contains("mine"));
  }

  private static void awaitTexts(Browser.Tab tab, List<String> texts) {
    Awaitility.await()
        .atMost(PATIENCE)
        .untilAsserted(
            () -> {
              var shown = new ArrayList<String>();
              tab.evaluate(TEXTS).forEach(text -> shown.add(text.asText()));
              assertEquals(texts, shown);
            });
  }

  private static void awaitStatus(Browser.Tab tab, String status) {
    Awaitility.await()
        .atMost(PATIENCE)
        .untilAsserted(
            () ->
                assertEquals(
                    status,
                    tab.evaluate("document.querySelector('#status')?.textContent").asText()));
  }

  private Browser browser() throws Exception {
    var program = Browser.program();
    if (program.isEmpty()) {
      var reason = "the test of the chat page needs Chromium: apt-get install chromium";
      if ("true".equals(System.getenv("CI"))) {
        fail(reason);
      }
      abort(reason);
    }
    return new Browser(
        program.orElseThrow(), Files.createDirectories(temp.resolve("profile")), 1000, 700);
  }
}
