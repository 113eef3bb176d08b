package dev.dormouse;

import dev.dormouse.cli.Cli;

/** The program: what the {@code dormouse} launcher starts. */
public final class Main {
  private Main() {}

  public static void main(String[] args) {
    int status = Cli.run(args);
    System.out.flush();
    System.exit(status);
  }
}
