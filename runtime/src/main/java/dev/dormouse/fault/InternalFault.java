package dev.dormouse.fault;

import org.jspecify.annotations.Nullable;

/** The server or its disk failed. */
public final class InternalFault extends Fault {
  private static final long serialVersionUID = 1L;

  public InternalFault(Code code, String message, @Nullable Throwable cause) {
    super(code, Category.INTERNAL, message, cause, true);
  }
}
