package dev.dormouse.examples;

import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.fail;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** A WebSocket client that speaks JSON, and keeps what it hears until the test asks. */
final class Talk implements AutoCloseable, WebSocket.Listener {
  static final ObjectMapper JSON = new ObjectMapper();
  private static final long PATIENCE_SECONDS = 60;

  private final BlockingQueue<String> heard = new LinkedBlockingQueue<>();
  private final StringBuilder unfinished = new StringBuilder();
  private final CompletableFuture<Integer> closed = new CompletableFuture<>();
  private final WebSocket socket;

  Talk(HttpClient client, URI uri) {
    socket = client.newWebSocketBuilder().buildAsync(uri, this).join();
  }

  void say(String text) {
    socket.sendText(text, true).join();
  }

  /** The next text that came. */
  String hear() {
    try {
      var text = heard.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
      assertNotNull(text, "nothing came");
      return text;
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  JsonNode hearJson() {
    return json(hear());
  }

  /** Says something, and answers the next text that comes. */
  JsonNode ask(String text) {
    say(text);
    return hearJson();
  }

  boolean isOpen() {
    return !closed.isDone() && !socket.isInputClosed() && !socket.isOutputClosed();
  }

  static JsonNode json(String text) {
    try {
      return JSON.readTree(text);
    } catch (JsonProcessingException e) {
      return fail("not JSON: " + text, e);
    }
  }

  @Override
  public CompletionStage<?> onText(WebSocket from, CharSequence part, boolean last) {
    unfinished.append(part);
    if (last) {
      heard.add(unfinished.toString());
      unfinished.setLength(0);
    }
    from.request(1);
    return null;
  }

  @Override
  public CompletionStage<?> onClose(WebSocket from, int status, String reason) {
    closed.complete(status);
    return null;
  }

  @Override
  public void onError(WebSocket from, Throwable error) {
    closed.completeExceptionally(error);
  }

  @Override
  public void close() {
    socket.abort();
  }
}
