package dev.dormouse.egress;

import java.net.Inet6Address;
import java.net.InetAddress;

/**
 * Which addresses belong to the public internet (the registries of RFC 6890 and its successors).
 */
final class Addresses {
  private Addresses() {}

  static boolean isPublic(InetAddress address) {
    if (address.isAnyLocalAddress()
        || address.isLoopbackAddress()
        || address.isLinkLocalAddress()
        || address.isSiteLocalAddress()
        || address.isMulticastAddress()) {
      return false;
    }
    byte[] bytes = address.getAddress();
    return address instanceof Inet6Address ? isPublic6(bytes) : isPublic4(bytes);
  }

  private static boolean isPublic4(byte[] a) {
    int first = a[0] & 0xff;
    int second = a[1] & 0xff;
    int third = a[2] & 0xff;
    return !(first == 0
        || first == 10
        || first == 127
        || first >= 224
        || (first == 100 && (second & 0xc0) == 64)
        || (first == 169 && second == 254)
        || (first == 172 && (second & 0xf0) == 16)
        || (first == 192 && second == 168)
        || (first == 192 && second == 0 && (third == 0 || third == 2))
        || (first == 192 && second == 88 && third == 99)
        || (first == 198 && (second & 0xfe) == 18)
        || (first == 198 && second == 51 && third == 100)
        || (first == 203 && second == 0 && third == 113));
  }

  /**
   * Only global unicast, 2000::/3, and of that nothing that is for documents, benchmarks or tunnels
   * to an IPv4 address that would have to be looked at itself.
   */
  private static boolean isPublic6(byte[] a) {
    int one = (a[0] & 0xff) << 8 | (a[1] & 0xff);
    int two = (a[2] & 0xff) << 8 | (a[3] & 0xff);
    return (one & 0xe000) == 0x2000
        && one != 0x2002
        && !(one == 0x2001 && (two < 0x0200 || two == 0x0db8))
        && !(one == 0x3fff && two < 0x1000);
  }
}
