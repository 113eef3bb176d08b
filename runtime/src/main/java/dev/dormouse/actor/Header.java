package dev.dormouse.actor;

/**
 * One HTTP header field.
 *
 * @param name in lower case
 */
public record Header(String name, String value) {
  /** What the field counts for against bounds in bytes. */
  int cost() {
    return name.length() + value.length() + 32;
  }
}
