package dev.dormouse.limits;

import com.fasterxml.jackson.databind.JsonNode;
import dev.dormouse.fault.Code;
import dev.dormouse.fault.UserFault;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Which limits a namespace has: the server's, or those that the server's configuration gives to it,
 * lowered by what the app's manifest asks.
 *
 * @param defaults for namespaces that the configuration does not name
 * @param overrides by namespace, whole
 */
public record LimitPolicy(Limits defaults, Map<String, Limits> overrides) {
  private static final long KIB = 1024;
  private static final long MIB = 1024 * KIB;
  private static final long GIB = 1024 * MIB;
  private static final long DAY_MILLIS = 24 * 3600 * 1000L;

  /** Beyond these a limit would not bound anything, or the server could not keep it. */
  private static final Map<String, Settings.Range> RANGES =
      Map.ofEntries(
          Map.entry("fuelPerTurn", new Settings.Range(1_000, 1_000_000_000_000_000L)),
          Map.entry("turnWall", new Settings.Range(1, DAY_MILLIS)),
          Map.entry("memoryBytes", new Settings.Range(64 * KIB, 2 * GIB - 64 * KIB)),
          Map.entry("stackBytes", new Settings.Range(4 * KIB, 20 * MIB)),
          Map.entry("moduleBytes", new Settings.Range(1 * KIB, 512 * MIB)),
          Map.entry("mailboxEvents", new Settings.Range(1, 1_000_000)),
          Map.entry("mailboxBytes", new Settings.Range(1 * KIB, 1 * GIB)),
          Map.entry("connectionsPerActor", new Settings.Range(1, 1_000_000)),
          Map.entry("keyBytes", new Settings.Range(1, 64 * KIB)),
          Map.entry("valueBytes", new Settings.Range(1, 256 * MIB)),
          Map.entry("storageBytes", new Settings.Range(1 * KIB, 1024 * GIB)),
          Map.entry("turnWriteBytes", new Settings.Range(1 * KIB, 512 * MIB)),
          Map.entry("turnReadBytes", new Settings.Range(1 * KIB, 512 * MIB)),
          Map.entry("frameBytes", new Settings.Range(125, 512 * MIB)),
          Map.entry("bodyBytes", new Settings.Range(1, 512 * MIB)),
          Map.entry("outboundBytes", new Settings.Range(1 * KIB, 1 * GIB)),
          Map.entry("turnSendBytes", new Settings.Range(1 * KIB, 1 * GIB)),
          Map.entry("requestTime", new Settings.Range(1, DAY_MILLIS)),
          Map.entry("idleSleep", new Settings.Range(1, 30 * DAY_MILLIS)),
          Map.entry("idleCompact", new Settings.Range(1, 30 * DAY_MILLIS)));

  /** The limits of the contract for every namespace. */
  public static final LimitPolicy DEFAULTS = new LimitPolicy(Limits.DEFAULTS, Map.of());

  public LimitPolicy {
    overrides = Map.copyOf(overrides);
  }

  /** The most that a namespace may have. */
  public Limits forNamespace(String namespace) {
    return overrides.getOrDefault(namespace, defaults);
  }

  /**
   * What a namespace has when its app asks for these limits.
   *
   * @param manifestLimits an object in the form of {@link #read}, or null where the app asks
   *     nothing
   * @throws UserFault {@code module_invalid}, when the app asks for more than the server gives, or
   *     for something that is not a limit
   */
  public Limits lowered(String namespace, @Nullable JsonNode manifestLimits) {
    Limits cap = forNamespace(namespace);
    Limits asked;
    try {
      asked = read("limits", manifestLimits, cap);
    } catch (SettingsException e) {
      throw new UserFault(Code.MODULE_INVALID, "the app's manifest: " + e.getMessage());
    }
    for (var component : Limits.class.getRecordComponents()) {
      Object wanted = Settings.component(component, asked);
      Object most = Settings.component(component, cap);
      if (Settings.number(wanted) > Settings.number(most)) {
        throw new UserFault(
            Code.MODULE_INVALID,
            "the app's manifest sets limits.%s to %s, but namespace \"%s\" may have at most %s on this server: lower it there, or raise it in the server's configuration"
                .formatted(
                    component.getName(),
                    Settings.show(component, wanted),
                    namespace,
                    Settings.show(component, most)));
      }
    }
    return asked;
  }

  /**
   * The same for an app that was taken earlier, perhaps when the server gave more: what is above
   * the server's limits now is brought down to them.
   *
   * @throws UserFault {@code module_invalid}, when the object is not in the form of {@link #read}
   */
  public Limits clamped(String namespace, @Nullable JsonNode manifestLimits) {
    Limits cap = forNamespace(namespace);
    try {
      return Settings.least(read("limits", manifestLimits, cap), cap);
    } catch (SettingsException e) {
      throw new UserFault(Code.MODULE_INVALID, "the app's manifest: " + e.getMessage());
    }
  }

  /**
   * Reads limits from an object such as {@code {"memoryBytes": "64MiB", "turnWall": "5s"}}; what it
   * does not name stays as it is.
   *
   * @param where how messages call the object
   * @throws SettingsException naming the first mistake
   */
  public static Limits read(String where, @Nullable JsonNode value, Limits base) {
    return Settings.group(where, value, base, RANGES);
  }
}
