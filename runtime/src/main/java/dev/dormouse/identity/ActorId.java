package dev.dormouse.identity;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * Who an actor is: a namespace, a name, and the id derived from both. Two actors are the same if
 * and only if their namespaces and names are.
 *
 * @param namespace lower-case letters, digits, {@code -}, {@code _} and {@code .}, 1 to 64
 *     characters, starting with a letter or digit
 * @param name 1 to 512 bytes of UTF-8 without zero characters
 */
public record ActorId(String namespace, String name) {
  private static final int HEX_DIGITS = 64;
  private static final String GATEWAY = "\0gateway-";

  /**
   * One of a namespace's gateways. Its name has a zero character, which no actor's name can have.
   */
  public static ActorId gateway(String namespace, int number) {
    return new ActorId(namespace, GATEWAY + number);
  }

  /** Whether this is a gateway and not an actor. */
  public boolean isGateway() {
    return name.startsWith(GATEWAY);
  }

  /** Which of its namespace's gateways it is. */
  public int gatewayNumber() {
    return Integer.parseInt(name.substring(GATEWAY.length()));
  }

  /** The name for people: a gateway's without the character that keeps it apart. */
  public String label() {
    return isGateway() ? name.substring(1) : name;
  }

  /** The id in hexadecimal: SHA-256 of the namespace, a zero byte and the name. */
  public String hex() {
    return HexFormat.of().formatHex(digest());
  }

  /** Whether a text could be the id of some actor. */
  public static boolean isHex(String text) {
    return text.length() == HEX_DIGITS
        && text.chars().allMatch(c -> (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'));
  }

  /** The 32 bytes behind {@link #hex}. */
  public byte[] digest() {
    try {
      var sha = MessageDigest.getInstance("SHA-256");
      sha.update(namespace.getBytes(StandardCharsets.UTF_8));
      sha.update((byte) 0);
      return sha.digest(name.getBytes(StandardCharsets.UTF_8));
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError("every JDK has SHA-256", e);
    }
  }

  @Override
  public String toString() {
    return namespace + "/" + label();
  }
}
