package dev.dormouse.actor;

import dev.dormouse.fault.Fault;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * How an operation or a call ended: the {@code result<list<u8>, string>} of dormouse.wit.
 *
 * @param ok whether it ended well; otherwise the bytes are the UTF-8 of an error
 * @param bytes not to be changed
 * @param opened the connection that came of it, for the actor that asked
 * @param reply another actor's answer to a request, which is not in the bytes yet
 */
public record Outcome(
    boolean ok, byte[] bytes, @Nullable Opened opened, @Nullable HttpReply reply) {
  private static final byte[] NOTHING = new byte[0];
  static final Outcome EMPTY = ok(NOTHING);

  public static Outcome ok(byte[] bytes) {
    return new Outcome(true, bytes, null, null);
  }

  /** An error as the guest gave it. */
  public static Outcome error(byte[] utf8) {
    return new Outcome(false, utf8, null, null);
  }

  static Outcome error(String code, @Nullable String sentence) {
    return error((code + ": " + sentence).getBytes(StandardCharsets.UTF_8));
  }

  static Outcome error(Fault fault) {
    return error(fault.code().wire(), fault.getMessage());
  }

  /** A connection that the actor asked for is open; see {@link Opened} for {@code listen}. */
  static Outcome opened(Connection near, Runnable listen) {
    byte[] told = OutcomeCbor.connection(near.id(), near.protocol());
    return new Outcome(true, told, new Opened(near, listen), null);
  }

  /** Another actor has answered a request. */
  static Outcome answered(HttpReply reply) {
    return new Outcome(true, NOTHING, null, reply);
  }

  /** The same with all that the guest is told in its bytes. */
  Outcome forGuest() {
    return reply == null
        ? this
        : ok(OutcomeCbor.reply(reply.status(), reply.headers(), reply.body(), null));
  }

  /** Nobody wants it any more. */
  void discard() {
    if (opened != null) {
      opened.discard();
    }
  }
}
