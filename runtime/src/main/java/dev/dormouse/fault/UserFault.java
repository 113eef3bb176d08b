package dev.dormouse.fault;

/** The caller asked for something that cannot be. */
public final class UserFault extends Fault {
  private static final long serialVersionUID = 1L;

  public UserFault(Code code, String message) {
    super(code, Category.USER, message, null, false);
  }
}
