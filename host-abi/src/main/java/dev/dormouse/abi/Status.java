package dev.dormouse.abi;

/** The enum {@code types.status} of dormouse.wit; the ordinal is the value on the wire. */
public enum Status {
  OK,
  KEY_TOO_LARGE,
  VALUE_TOO_LARGE,
  STORAGE_FULL,
  NOT_FOUND,
  TOO_MANY,
  INVALID
}
