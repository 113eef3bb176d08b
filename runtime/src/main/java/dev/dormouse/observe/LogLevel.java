package dev.dormouse.observe;

import java.util.Locale;

/** How weighty a line of an actor's log is; in the order of the guest contract. */
public enum LogLevel {
  DEBUG,
  INFO,
  WARN,
  ERROR;

  private final String wire = name().toLowerCase(Locale.ROOT);

  /** As it is shown to users, such as {@code warn}. */
  public String wire() {
    return wire;
  }
}
