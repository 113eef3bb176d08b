package dev.dormouse.fault;

/** Whose fault it was, and so who can mend it. */
public enum Category {
  /** The caller asked for something that cannot be. */
  USER,
  /** The guest's code failed or took more than it was given. */
  GUEST,
  /** The server lacks room just now; the same request may succeed later. */
  RESOURCES,
  /** The server or its disk failed. */
  INTERNAL
}
