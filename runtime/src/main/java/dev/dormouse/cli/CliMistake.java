package dev.dormouse.cli;

/** A command called in a way that it cannot be. The message says what to do; exit status 2. */
final class CliMistake extends RuntimeException {
  private static final long serialVersionUID = 1L;

  CliMistake(String message) {
    super(message);
  }
}
