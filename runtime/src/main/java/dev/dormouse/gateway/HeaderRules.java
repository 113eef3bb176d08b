package dev.dormouse.gateway;

import dev.dormouse.actor.Header;
import dev.dormouse.fault.GuestFault;

/** Which header fields may pass between a client and an actor (RFC 9110). */
final class HeaderRules {
  private HeaderRules() {}

  /**
   * Whether a field belongs to one connection and ends at the gateway.
   *
   * @param name in lower case
   */
  static boolean isOfTheConnection(String name) {
    return switch (name) {
      case "connection",
          "keep-alive",
          "proxy-connection",
          "proxy-authenticate",
          "proxy-authorization",
          "te",
          "trailer",
          "transfer-encoding",
          "upgrade" ->
          true;
      default -> false;
    };
  }

  /**
   * Whether a field does not pass between a client and an actor: it belongs to one connection, or
   * is one that actors of this server tell each other things by.
   *
   * @param name in lower case
   */
  static boolean endsHere(String name) {
    return isOfTheConnection(name) || name.startsWith("dormouse-");
  }

  /** Whether a comma-separated list has a member, without regard to case. */
  static boolean listHas(String list, String member) {
    int from = 0;
    while (from <= list.length()) {
      int comma = list.indexOf(',', from);
      int to = comma < 0 ? list.length() : comma;
      if (list.substring(from, to).strip().equalsIgnoreCase(member)) {
        return true;
      }
      from = to + 1;
    }
    return false;
  }

  /**
   * @throws GuestFault {@code actor_trapped}, naming the field, when it would not be one field of
   *     HTTP
   */
  static void requireValid(Header header) {
    if (!isToken(header.name())) {
      throw new GuestFault(
          GuestFault.Trap.ABORTED,
          "the actor's answer has a header whose name is not valid in HTTP: use letters, digits"
              + " and dashes");
    }

    var value = header.value();
    for (int i = 0; i < value.length(); i++) {
      char c = value.charAt(i);
      if ((c < 0x20 && c != '\t') || c == 0x7f) {
        throw new GuestFault(
            GuestFault.Trap.ABORTED,
            "the actor's answer has a control character in its header '" + header.name() + "'");
      }
    }
  }

  static boolean isToken(String text) {
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      boolean letterOrDigit =
          (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
      if (!letterOrDigit && "!#$%&'*+-.^_`|~".indexOf(c) < 0) {
        return false;
      }
    }
    return !text.isEmpty();
  }
}
