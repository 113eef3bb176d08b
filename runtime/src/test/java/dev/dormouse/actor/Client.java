package dev.dormouse.actor;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.dormouse.actor.Connection.Opening;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** A client of an actor that reads at once what it is sent. */
final class Client {
  /** What the actor said, in order. */
  final List<String> heard = new ArrayList<>();

  final Connection connection;
  final CompletableFuture<Opening> opening;
  private final World world;
  private Consumer<String> onText = text -> {};
  private int unread;
  private Outbound.Item.@Nullable Close closed;

  Client(World world, String actor, String script) {
    this.world = world;
    var connecting =
        world.directory().connect(World.id(actor), "/" + script, List.of(), this::read);
    connection = connecting.connection();
    opening = connecting.opening();
  }

  /** Called with each text when it arrives. */
  void onText(Consumer<String> hear) {
    onText = hear;
  }

  void say(String script) {
    unread++;
    connection.received(new Payload(true, script.getBytes(UTF_8)));
  }

  /** How many messages it has sent since it last heard anything. */
  int unread() {
    return unread;
  }

  void leave() {
    connection.gone(1000, "");
  }

  boolean isClosed() {
    return closed != null;
  }

  /** The code and reason of the close frame; empty while there is none. */
  String closing() {
    return closed == null ? "" : closed.code() + " " + closed.reason();
  }

  private void read() {
    for (var item = connection.outbound().poll();
        item != null;
        item = connection.outbound().poll()) {
      switch (item) {
        case Outbound.Item.Frame frame -> {
          var text = new String(frame.payload().bytes(), UTF_8);
          heard.add(text);
          unread = 0;
          onText.accept(text);
        }
        case Outbound.Item.Close close -> {
          closed = close;
          world.time.start("gateway", () -> connection.gone(close.code(), close.reason()));
        }
      }
    }
  }
}
