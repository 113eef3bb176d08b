package dev.dormouse.module;

import dev.dormouse.fault.Code;
import dev.dormouse.fault.UserFault;
import java.util.Collection;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Which namespace's gateway stands at {@code /} for which host. Safe for use by many threads. */
final class Hosts {
  /** Stands for every host that no namespace has by name. */
  static final String ANY = "*";

  private static final Pattern FORM = Pattern.compile("[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?");

  private volatile Map<String, Namespace> namespaces = Map.of();

  /** Learns anew which there are. */
  void update(Collection<Namespace> all) {
    var found = new HashMap<String, Namespace>();
    for (var namespace : all) {
      namespace.host().ifPresent(host -> found.put(host, namespace));
    }
    namespaces = Map.copyOf(found);
  }

  /**
   * The host in the form that it is kept in.
   *
   * @throws UserFault {@code bad_request}, when it is none or another namespace has it
   */
  String require(String namespace, String host) {
    String lower = host.toLowerCase(Locale.ROOT);
    if (!lower.equals(ANY) && !FORM.matcher(lower).matches()) {
      throw new UserFault(
          Code.BAD_REQUEST,
          "the host must be a name such as app.example.com, without a port, or * for all others");
    }
    var holder = namespaces.get(lower);
    if (holder != null && !holder.name().equals(namespace)) {
      throw new UserFault(
          Code.BAD_REQUEST,
          "the host "
              + lower
              + " is that of the namespace \""
              + holder.name()
              + "\": delete it first");
    }
    return lower;
  }

  /**
   * @throws UserFault {@code module_invalid}, when nothing would answer at the host
   */
  static void requireGateway(@Nullable String host, boolean gateway) {
    if (host != null && !host.equals(ANY) && !gateway) {
      throw new UserFault(
          Code.MODULE_INVALID,
          "only an app with a gateway can be bound to a host: its manifest says \"gateway\": true");
    }
  }

  Optional<Namespace> find(@Nullable String header) {
    var known = namespaces;
    if (known.isEmpty()) {
      return Optional.empty();
    }
    Namespace named = header == null ? null : known.get(name(header));
    return Optional.ofNullable(named != null ? named : known.get(ANY));
  }

  private static String name(String header) {
    int colon = header.indexOf(':');
    return (colon < 0 ? header : header.substring(0, colon)).toLowerCase(Locale.ROOT);
  }
}
