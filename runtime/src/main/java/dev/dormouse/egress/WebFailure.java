package dev.dormouse.egress;

/** A request to the outside that came to nothing, with a stable code for the guest. */
public final class WebFailure extends RuntimeException {
  private static final long serialVersionUID = 1L;

  static final String DENIED = "egress_denied";
  static final String UNREACHABLE = "unreachable";
  static final String UNTRUSTED = "untrusted";
  static final String REDIRECTED = "redirected";
  static final String TOO_LARGE = "response_too_large";
  static final String BAD_REQUEST = "bad_request";
  static final String OVERLOADED = "overloaded";

  private final String code;

  WebFailure(String code, String message) {
    super(message, null, false, false);
    this.code = code;
  }

  /** As ABI.md lists them. */
  public String code() {
    return code;
  }
}
