package dev.dormouse.gateway;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.dormouse.fault.Code;
import dev.dormouse.fault.Fault;
import dev.dormouse.fault.GuestFault;
import org.jspecify.annotations.Nullable;

/**
 * A refusal as a problem document (RFC 9457): {@code type}, {@code title}, {@code status}, {@code
 * detail}, {@code code}, and {@code trap} where a guest was stopped by one.
 *
 * @param status the code's own, but for the few that HTTP wants finer
 */
record Problem(Code code, int status, String detail, @Nullable String trap) {
  static final String MEDIA_TYPE = "application/problem+json";

  /** Seconds after which an overloaded or restarting server is worth another try. */
  static final String RETRY_AFTER = "1";

  static Problem of(Fault fault) {
    var trap = fault instanceof GuestFault guest ? guest.trap().wire() : null;
    var message = fault.getMessage();
    return new Problem(
        fault.code(),
        fault.code().httpStatus(),
        message == null ? title(fault.code()) : message,
        trap);
  }

  static Problem of(Code code, String detail) {
    return new Problem(code, code.httpStatus(), detail, null);
  }

  /** A failure that is no fault: a bug, of which the caller learns nothing but that. */
  static Problem internal() {
    return of(Code.INTERNAL, "the server failed; its log says more");
  }

  boolean isWorthARetry() {
    return code == Code.OVERLOADED || code == Code.SHUTTING_DOWN;
  }

  byte[] json() {
    ObjectNode document = Json.MAPPER.createObjectNode();
    document.put("type", "urn:dormouse:problem:" + code.wire());
    document.put("title", title(code));
    document.put("status", status);
    document.put("detail", detail);
    document.put("code", code.wire());
    if (trap != null) {
      document.put("trap", trap);
    }
    try {
      return Json.MAPPER.writeValueAsBytes(document);
    } catch (JsonProcessingException e) {
      throw new AssertionError("strings and numbers are always JSON", e);
    }
  }

  private static String title(Code code) {
    var words = code.wire().replace('_', ' ');
    return Character.toUpperCase(words.charAt(0)) + words.substring(1);
  }
}
