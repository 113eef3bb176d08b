package dev.dormouse.fault;

import org.jspecify.annotations.Nullable;

/**
 * An expected failure with a stable {@link Code}. The message is one sentence for the caller: what
 * happened, to which actor where that is known, and what to do. A bug in the server is never a
 * Fault; it surfaces as any other exception and is answered as {@link Code#INTERNAL}.
 *
 * <p>Faults of guests and callers are made in large numbers under attack, so only {@link
 * InternalFault} records a stack trace.
 */
public abstract sealed class Fault extends RuntimeException
    permits UserFault, GuestFault, ResourceFault, InternalFault {
  private static final long serialVersionUID = 1L;

  private final Code code;

  Fault(Code code, Category category, String message, @Nullable Throwable cause, boolean trace) {
    super(message, cause, true, trace);
    if (code.category() != category) {
      throw new IllegalArgumentException(code + " is not of category " + category);
    }
    this.code = code;
  }

  public Code code() {
    return code;
  }
}
