package dev.dormouse.cli;

/** Work that failed. The message is the one line that the person reads; the exit status is 1. */
final class CliFailure extends RuntimeException {
  private static final long serialVersionUID = 1L;

  CliFailure(String message) {
    super(message);
  }

  CliFailure(String message, Throwable cause) {
    super(message, cause);
  }
}
