package dev.dormouse.bench;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.dormouse.actor.HttpReply;

/** Looks at answers, since a benchmark of errors measures nothing. */
final class Answers {
  private Answers() {}

  static HttpReply ok(HttpReply reply) {
    if (reply.status() != 200) {
      throw new IllegalStateException(reply.status() + " " + new String(reply.body(), UTF_8));
    }
    return reply;
  }
}
