package dev.dormouse.module;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.dormouse.limits.LimitPolicy;
import dev.dormouse.limits.Settings;
import dev.dormouse.limits.SettingsException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What an app says of itself. In the app's directory it is {@code dormouse.json}; its name, limits
 * and env ride along in the module (see {@link AppSection}).
 *
 * @param name the namespace that the app is put under where no other is given
 * @param lang the language that it is written in
 * @param module its module or entry file, relative to the manifest
 * @param limits limits that the app wants lower than the server's, in the form of {@link
 *     LimitPolicy#read}; not to be changed
 * @param env values that the guest reads
 */
public record Manifest(
    @Nullable String name,
    @Nullable String lang,
    @Nullable String module,
    ObjectNode limits,
    Map<String, String> env) {

  /** An app that says nothing. */
  public static final Manifest EMPTY =
      new Manifest(null, null, null, JsonNodeFactory.instance.objectNode(), Map.of());

  /** Most bytes that the names and values of env take, in UTF-8. */
  public static final int MAX_ENV_BYTES = 64 * 1024;

  public Manifest {
    env = Map.copyOf(env);
  }

  /**
   * Reads {@code dormouse.json}.
   *
   * @param where how messages call the file
   * @throws SettingsException naming the first mistake
   */
  public static Manifest read(String where, byte[] json) {
    return read(where, json, "name", "lang", "module", "limits", "env");
  }

  /** Reads what rides in a module. */
  static Manifest readSection(byte[] json) {
    return read("the section " + AppSection.NAME, json, "name", "limits", "env");
  }

  private static Manifest read(String where, byte[] json, String... keys) {
    var object = Settings.parse(where, json);
    Settings.onlyKeys(where, object, keys);
    var limits = EMPTY.limits();
    if (object.has("limits")) {
      limits = Settings.object("limits", object.get("limits"));
      // Only the form is looked at; how much there is to have, each server knows for itself.
      LimitPolicy.read("limits", limits, LimitPolicy.DEFAULTS.defaults());
    }
    String name = text(object, "name");
    if (name != null && !NamespaceName.isValid(name)) {
      throw new SettingsException("name is \"" + name + "\", but must have " + NamespaceName.FORM);
    }
    return new Manifest(
        name,
        text(object, "lang"),
        text(object, "module"),
        limits,
        object.has("env") ? Settings.strings("env", object.get("env"), MAX_ENV_BYTES) : Map.of());
  }

  /** What rides in a module, the same bytes for the same manifest. */
  byte[] toSection() {
    var json = JsonNodeFactory.instance.objectNode();
    if (name != null) {
      json.put("name", name);
    }
    if (!limits.isEmpty()) {
      json.set("limits", limits);
    }
    if (!env.isEmpty()) {
      var values = json.putObject("env");
      new TreeMap<>(env).forEach(values::put);
    }
    return json.toString().getBytes(StandardCharsets.UTF_8);
  }

  private static @Nullable String text(ObjectNode object, String key) {
    var value = object.get(key);
    return value == null ? null : Settings.text(key, value);
  }
}
