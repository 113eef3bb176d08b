package dev.dormouse.storage;

/**
 * An actor's durable alarm.
 *
 * @param dueMillis when it fires next, in Unix time; after a failed attempt, when it is retried
 * @param setMillis the time that the guest set it to
 * @param attempt how often it has been tried and failed
 */
public record Alarm(long dueMillis, long setMillis, int attempt) {
  /** An alarm as a guest sets it. */
  public static Alarm at(long millis) {
    return new Alarm(millis, millis, 0);
  }
}
