package dev.dormouse.actor;

import org.jspecify.annotations.Nullable;

/**
 * A request whose answer is to be that of an operation.
 *
 * @param number by which the guest knows the request
 * @param unless name of a header, in lower case, with which an answer goes to the guest instead
 * @param mostBytes of a body; larger answers go to the guest, too
 */
record PassOn(long number, Event.Fetch asked, @Nullable String unless, int mostBytes) {

  /**
   * The answer to the request that is in how the operation ended; null where the guest is to see
   * it.
   */
  @Nullable HttpReply answerIn(Outcome outcome) {
    var reply = outcome.reply();
    if (reply == null || reply.body().length > mostBytes) {
      return null;
    }
    for (var header : reply.headers()) {
      if (header.name().equalsIgnoreCase(unless)) {
        return null;
      }
    }
    return reply;
  }
}
