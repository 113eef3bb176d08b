package dev.dormouse.fault;

/**
 * The stable codes of the contract. The name in lower case is what callers see as {@code code} in a
 * problem document (RFC 9457) or as the reason of a WebSocket close.
 */
public enum Code {
  NAMESPACE_NOT_FOUND(404, Category.USER),
  ACTOR_NOT_FOUND(404, Category.USER),
  NOT_FOUND(404, Category.USER),
  METHOD_NOT_ALLOWED(405, Category.USER),
  UNAUTHORIZED(401, Category.USER),
  BAD_REQUEST(400, Category.USER),
  PAYLOAD_TOO_LARGE(413, Category.USER),
  MODULE_INVALID(422, Category.USER),
  NO_HANDLER(501, Category.USER),
  OVERLOADED(503, Category.RESOURCES),
  OUT_OF_FUEL(500, Category.GUEST),
  MEMORY_EXCEEDED(500, Category.GUEST),
  STACK_EXHAUSTED(500, Category.GUEST),
  ACTOR_TRAPPED(500, Category.GUEST),
  STORAGE_FULL(507, Category.RESOURCES),
  STORAGE_FAILED(503, Category.INTERNAL),
  TIMEOUT(504, Category.GUEST),
  SHUTTING_DOWN(503, Category.RESOURCES),
  INTERNAL(500, Category.INTERNAL);

  private final int httpStatus;
  private final Category category;
  private final String wire;

  Code(int httpStatus, Category category) {
    this.httpStatus = httpStatus;
    this.category = category;
    this.wire = name().toLowerCase(java.util.Locale.ROOT);
  }

  /** The code as callers see it, such as {@code out_of_fuel}. */
  public String wire() {
    return wire;
  }

  public int httpStatus() {
    return httpStatus;
  }

  public Category category() {
    return category;
  }

  /** The close code of a WebSocket that ends with this fault (RFC 6455, section 7.4). */
  public int closeCode() {
    return switch (this) {
      case OVERLOADED -> 1013;
      case SHUTTING_DOWN -> 1001;
      case PAYLOAD_TOO_LARGE -> 1009;
      default -> 1011;
    };
  }
}
