package dev.dormouse.actor;

import dev.dormouse.egress.Egress;
import dev.dormouse.egress.WebFailure;
import dev.dormouse.egress.WebReply;
import dev.dormouse.egress.WebRequest;
import dev.dormouse.egress.WebSocketClient;
import dev.dormouse.limits.Limits;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;

/**
 * How actors reach the web: as {@link Calls} for other actors.
 *
 * @param allowed the origins that the app may reach
 */
record WebCalls(Egress egress, Actor from, Set<String> allowed, Limits limits) {

  CompletableFuture<Outcome> fetch(WebRequest request) {
    var reply = egress.fetch(from.id().namespace(), allowed, request, limits.bodyBytes());
    return outcome(
        reply,
        reply.thenApply(
            answer ->
                Outcome.ok(
                    OutcomeCbor.reply(
                        answer.status(), headers(answer), answer.body(), answer.url()))));
  }

  CompletableFuture<Outcome> connect(
      String url, List<String> protocols, List<Map.Entry<String, String>> headers) {
    var attempt =
        egress.connect(
            from.id().namespace(),
            allowed,
            url,
            protocols,
            headers,
            limits.bodyBytes(),
            limits.frameBytes());
    var outcome = new CompletableFuture<Outcome>();
    var opened =
        attempt.thenAccept(
            opening -> {
              var refusal = opening.reply();
              if (refusal != null) {
                outcome.complete(
                    Outcome.ok(
                        OutcomeCbor.reply(
                            refusal.status(), headers(refusal), refusal.body(), null)));
              }
              opening.socket().ifPresent(socket -> join(socket, opening.protocol(), outcome));
            });
    var _ =
        opened.exceptionally(
            failure -> {
              outcome.completeExceptionally(failure);
              return null;
            });
    return outcome(attempt, outcome);
  }

  private void join(
      WebSocketClient socket, @Nullable String protocol, CompletableFuture<Outcome> outcome) {
    var forth = new Pump(from.services().time());
    var near = from.outgoing(protocol, forth::signal);
    forth.begin(
        near.outbound(),
        item -> {
          switch (item) {
            case Outbound.Item.Frame frame ->
                socket.send(frame.payload().text(), frame.payload().bytes());
            case Outbound.Item.Close close -> socket.close(close.code(), close.reason());
          }
        });
    var listener =
        new WebSocketClient.Listener() {
          @Override
          public void message(boolean text, byte[] bytes) {
            near.received(new Payload(text, bytes));
          }

          @Override
          public void closed(int code, String reason) {
            near.gone(code, reason);
          }
        };
    var end = Outcome.opened(near, () -> socket.listen(listener));
    if (!outcome.complete(end)) {
      end.discard();
    }
  }

  private static List<Header> headers(WebReply reply) {
    var headers = new ArrayList<Header>(reply.headers().size());
    reply.headers().forEach(field -> headers.add(new Header(field.getKey(), field.getValue())));
    return headers;
  }

  /** The outcome with the web's own failures as errors; giving it up gives up what it hangs on. */
  private static CompletableFuture<Outcome> outcome(
      CompletableFuture<?> started, CompletableFuture<Outcome> mapped) {
    var outcome = new CompletableFuture<Outcome>();
    var _ =
        mapped.whenComplete(
            (end, failure) -> {
              var cause = failure instanceof CompletionException ? failure.getCause() : failure;
              if (cause instanceof WebFailure web) {
                outcome.complete(Outcome.error(web.code(), web.getMessage()));
              } else if (cause != null) {
                outcome.completeExceptionally(cause);
              } else if (!outcome.complete(end)) {
                end.discard();
              }
            });
    var _ =
        outcome.whenComplete(
            (end, failure) -> {
              if (failure != null) {
                started.completeExceptionally(failure);
              }
            });
    return outcome;
  }
}
