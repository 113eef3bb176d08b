package dev.dormouse.storage.journal;

/** What a record does to its actor. */
public enum Kind {
  /** Takes a {@link dev.dormouse.storage.WriteSet}. */
  WRITE(0),
  /** Deletes the actor and all it stored. */
  DELETE(1);

  private final byte code;

  Kind(int code) {
    this.code = (byte) code;
  }

  /** The kind as it is in the journal. */
  byte code() {
    return code;
  }
}
