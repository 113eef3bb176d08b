package dev.dormouse.testkit;

import java.io.IOException;
import java.nio.file.Path;

/** The checkout that the tests run in. */
public final class Checkout {
  private Checkout() {}

  /** Servers that start from now on run from it, as the launcher says it to them. */
  public static void isHome() throws IOException {
    System.setProperty("dormouse.home", Path.of("..").toRealPath().toString());
  }
}
