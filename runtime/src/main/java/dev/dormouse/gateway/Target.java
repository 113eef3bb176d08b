package dev.dormouse.gateway;

import dev.dormouse.fault.Code;
import dev.dormouse.fault.UserFault;
import dev.dormouse.identity.ActorId;

/**
 * Whom a request on the public listener is for. The path is read as it was sent: no segment is
 * resolved or merged, so neither {@code ..} nor an encoded slash can lead to another actor.
 *
 * @param rest the path after the actor's name, as sent; starts with a slash
 */
record Target(ActorId actor, String rest) {
  private static final int MAX_NAME_BYTES = 512;
  private static final String HOW = ": address an actor as /{namespace}/{actor}";

  /**
   * @param path as sent, without the query
   * @throws UserFault {@code bad_request} or {@code not_found}
   */
  static Target parse(String path) {
    if (path.isEmpty() || path.charAt(0) != '/') {
      throw new UserFault(Code.BAD_REQUEST, "the request's path does not start with a slash" + HOW);
    }
    if (path.length() == 1) {
      throw new UserFault(Code.NOT_FOUND, "there is nothing at /" + HOW);
    }
    int second = path.indexOf('/', 1);
    if (second < 0) {
      PercentCode.decode(path, 1, path.length());
      throw new UserFault(Code.NOT_FOUND, "the path names a namespace, but no actor" + HOW);
    }
    int end = path.indexOf('/', second + 1);
    String namespace = name("namespace", path, 1, second);
    String actor = name("actor", path, second + 1, end < 0 ? path.length() : end);
    return new Target(new ActorId(namespace, actor), end < 0 ? "/" : path.substring(end));
  }

  /**
   * A request for a gateway.
   *
   * @param rest the path as the gateway is to see it
   * @throws UserFault {@code bad_request}
   */
  static Target gateway(ActorId gateway, String rest) {
    if (!rest.startsWith("/")) {
      throw new UserFault(Code.BAD_REQUEST, "the request's path does not start with a slash");
    }
    return new Target(gateway, rest);
  }

  private static String name(String what, String path, int from, int to) {
    if (from == to) {
      throw new UserFault(Code.BAD_REQUEST, "the name of the " + what + " is empty" + HOW);
    }
    String name = PercentCode.decode(path, from, to);
    if (name.equals(".") || name.equals("..")) {
      throw new UserFault(
          Code.BAD_REQUEST, "'" + name + "' is not a name, since clients resolve it: use another");
    }
    if (name.length() > MAX_NAME_BYTES || PercentCode.utf8Length(name) > MAX_NAME_BYTES) {
      throw new UserFault(
          Code.BAD_REQUEST,
          "the name of the " + what + " has more than " + MAX_NAME_BYTES + " bytes");
    }
    if (name.indexOf('\0') >= 0) {
      throw new UserFault(Code.BAD_REQUEST, "the name of the " + what + " has a zero character");
    }
    return name;
  }
}
