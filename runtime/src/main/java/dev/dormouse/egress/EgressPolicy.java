package dev.dormouse.egress;

import java.io.IOException;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Where an app may go. An origin that its manifest lists by name is allowed whatever its address.
 * Every other one must be let in by {@code "*"} (or by the server being a developer's), and each of
 * its addresses must be public (or, for a developer, loopback).
 *
 * <p>The answer is the addresses themselves, and only to those may be connected: a name that
 * resolves to something else a moment later gains nothing.
 */
final class EgressPolicy {
  /** The entry that stands for every public origin. */
  private static final String ANY_PUBLIC = "*";

  /** Finds all addresses of a host, as {@link InetAddress#getAllByName} does. */
  @FunctionalInterface
  interface Resolver {
    InetAddress[] resolve(String host) throws IOException;
  }

  private final boolean dev;
  private final Resolver resolver;

  EgressPolicy(boolean dev, Resolver resolver) {
    this.dev = dev;
    this.resolver = resolver;
  }

  /**
   * The addresses that may be connected to. Waits for the resolver.
   *
   * @param allowed origins of the app's manifest
   * @throws WebFailure {@code egress_denied}, or {@code unreachable} for an unknown host
   */
  List<InetAddress> check(WebUrl url, Set<String> allowed) {
    var origin = url.origin();
    boolean listed = allowed.contains(origin) || normal(allowed).contains(origin);
    if (!listed && !dev && !allowed.contains(ANY_PUBLIC)) {
      throw new WebFailure(
          WebFailure.DENIED,
          url.origin() + " is not in the list \"egress\" of the app's manifest: add it there");
    }
    InetAddress[] addresses;
    try {
      addresses = resolver.resolve(url.host());
    } catch (IOException | SecurityException e) {
      throw new WebFailure(WebFailure.UNREACHABLE, "the host " + url.host() + " is not known");
    }
    if (!listed) {
      for (var address : addresses) {
        boolean mapped = url.isIpv6() && address instanceof Inet4Address;
        boolean mine = dev && address.isLoopbackAddress();
        if (mapped || !(mine || Addresses.isPublic(address))) {
          throw new WebFailure(
              WebFailure.DENIED,
              url.host()
                  + " is not on the public internet: list "
                  + url.origin()
                  + " by name in \"egress\" of the app's manifest to reach it");
        }
      }
    }
    return List.of(addresses);
  }

  private static Set<String> normal(Set<String> origins) {
    return origins.stream()
        .filter(origin -> !origin.equals(ANY_PUBLIC))
        .map(origin -> WebUrl.parse(origin).origin())
        .collect(Collectors.toUnmodifiableSet());
  }
}
