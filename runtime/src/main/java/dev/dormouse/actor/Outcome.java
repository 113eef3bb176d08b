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
 */
public record Outcome(boolean ok, byte[] bytes, @Nullable Connection opened) {
  static final Outcome EMPTY = ok(new byte[0]);

  public static Outcome ok(byte[] bytes) {
    return new Outcome(true, bytes, null);
  }

  /** An error as the guest gave it. */
  public static Outcome error(byte[] utf8) {
    return new Outcome(false, utf8, null);
  }

  static Outcome error(String code, @Nullable String sentence) {
    return error((code + ": " + sentence).getBytes(StandardCharsets.UTF_8));
  }

  static Outcome error(Fault fault) {
    return error(fault.code().wire(), fault.getMessage());
  }

  /** Nobody wants it any more. */
  void discard() {
    if (opened != null) {
      opened.outbound().close(1001, "");
    }
  }
}
