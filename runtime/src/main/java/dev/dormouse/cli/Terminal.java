package dev.dormouse.cli;

import java.io.Console;
import java.util.Optional;

/** The person in front of the command, if there is one. */
final class Terminal {
  private Terminal() {}

  /** Whether a person reads stdout and types on stdin. */
  static boolean present() {
    return console().isPresent();
  }

  /** Asks for one line; where nobody can answer, the answer is empty. */
  static String ask(String question) {
    return console().map(console -> console.readLine("%s ", question)).orElse("").strip();
  }

  private static Optional<Console> console() {
    return Optional.ofNullable(System.console()).filter(Console::isTerminal);
  }
}
