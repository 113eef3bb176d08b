package dev.dormouse.abi;

/** The enum {@code types.status} of dormouse.wit. */
public enum Status {
  OK(0),
  KEY_TOO_LARGE(1),
  VALUE_TOO_LARGE(2),
  STORAGE_FULL(3),
  NOT_FOUND(4),
  TOO_MANY(5),
  INVALID(6);

  private final int wire;

  Status(int wire) {
    this.wire = wire;
  }

  /** The flat value that the guest sees. */
  public int wire() {
    return wire;
  }
}
