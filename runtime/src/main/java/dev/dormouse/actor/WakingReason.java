package dev.dormouse.actor;

/** What made an instance start: the enum {@code identity.waking-reason} of dormouse.wit. */
public enum WakingReason {
  CONNECT(0),
  MESSAGE(1),
  CLOSE(2),
  FETCH(3),
  ALARM(4),
  COMPLETE(5),
  CALL(6);

  private final int wire;

  WakingReason(int wire) {
    this.wire = wire;
  }

  /** The flat value that the guest sees. */
  public int wire() {
    return wire;
  }
}
