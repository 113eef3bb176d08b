package dev.dormouse.module;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.dormouse.limits.LimitPolicy;
import dev.dormouse.limits.Settings;
import dev.dormouse.limits.SettingsException;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * What an app says of itself. In the app's directory it is {@code dormouse.json}; all but its
 * language and its module rides along in the module (see {@link AppSection}).
 *
 * @param name the namespace that the app is put under where no other is given
 * @param lang the language that it is written in
 * @param module its module or entry file, relative to the manifest
 * @param limits limits that the app wants lower than the server's, in the form of {@link
 *     LimitPolicy#read}; not to be changed
 * @param env values that the guest reads
 * @param gateway whether instances of the module in the role of a gateway answer the public in
 *     front of its actors
 * @param egress the origins that the app may talk to, such as {@code https://api.example.com}, in
 *     lower case, and {@link #ANY_PUBLIC} for all public ones
 * @param guest what only the guest understands, such as the classes of a JavaScript app; not to be
 *     changed
 */
public record Manifest(
    @Nullable String name,
    @Nullable String lang,
    @Nullable String module,
    ObjectNode limits,
    Map<String, String> env,
    boolean gateway,
    Set<String> egress,
    ObjectNode guest) {

  /** The entry of {@link #egress} that stands for every address that is not private. */
  public static final String ANY_PUBLIC = "*";

  /** Most entries of {@link #egress}. */
  public static final int MAX_EGRESS = 256;

  private static final List<String> GUEST_KEYS =
      List.of("classes", "bindings", "workers", "bundles", "vars");

  /** An app that says nothing. */
  public static final Manifest EMPTY =
      new Manifest(
          null,
          null,
          null,
          JsonNodeFactory.instance.objectNode(),
          Map.of(),
          false,
          Set.of(),
          JsonNodeFactory.instance.objectNode());

  /** Most bytes that the names and values of env take, in UTF-8. */
  public static final int MAX_ENV_BYTES = 64 * 1024;

  public Manifest {
    env = Map.copyOf(env);
    egress = Collections.unmodifiableSet(new TreeSet<>(egress));
  }

  /**
   * Reads {@code dormouse.json}.
   *
   * @param where how messages call the file
   * @throws SettingsException naming the first mistake
   */
  public static Manifest read(String where, byte[] json) {
    return read(where, Settings.parse(where, json), List.of());
  }

  /**
   * Reads {@code dormouse.json}, of which others read a part.
   *
   * @param alsoKnown keys that are not looked at here
   */
  public static Manifest read(String where, ObjectNode object, List<String> alsoKnown) {
    return read(
        where,
        object,
        alsoKnown,
        List.of("name", "lang", "module", "limits", "env", "gateway", "egress"));
  }

  /** Reads what rides in a module. */
  static Manifest readSection(byte[] json) {
    String where = "the section " + AppSection.NAME;
    return read(
        where,
        Settings.parse(where, json),
        GUEST_KEYS,
        List.of("name", "limits", "env", "gateway", "egress"));
  }

  private static Manifest read(
      String where, ObjectNode object, List<String> alsoKnown, List<String> keys) {
    var known = new ArrayList<>(keys);
    known.addAll(alsoKnown);
    Settings.onlyKeys(where, object, known.toArray(String[]::new));
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
    var guest = JsonNodeFactory.instance.objectNode();
    if (alsoKnown.equals(GUEST_KEYS)) {
      GUEST_KEYS.stream().filter(object::has).forEach(key -> guest.set(key, object.get(key)));
    }
    return new Manifest(
        name,
        text(object, "lang"),
        text(object, "module"),
        limits,
        object.has("env") ? Settings.strings("env", object.get("env"), MAX_ENV_BYTES) : Map.of(),
        object.has("gateway") && Settings.truth("gateway", object.get("gateway")),
        object.has("egress") ? origins(object.get("egress")) : Set.of(),
        guest);
  }

  /** The same app with this as the part that only the guest understands. */
  public Manifest withGuest(ObjectNode part) {
    return new Manifest(name, lang, module, limits, env, gateway, egress, part);
  }

  /** The same app with what a build tool has found out: a gateway, and parts for the guest. */
  Manifest completedBy(Manifest found) {
    ObjectNode all = guest.deepCopy();
    all.setAll(found.guest);
    return new Manifest(name, lang, module, limits, env, gateway || found.gateway, egress, all);
  }

  /** The same app with values added to its env, in the place of those of the same name. */
  Manifest withEnv(Map<String, String> added) {
    var all = new TreeMap<>(env);
    all.putAll(added);
    return new Manifest(name, lang, module, limits, all, gateway, egress, guest);
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
    if (gateway) {
      json.put("gateway", true);
    }
    if (!egress.isEmpty()) {
      egress.forEach(json.putArray("egress")::add);
    }
    json.setAll(guest);
    return json.toString().getBytes(StandardCharsets.UTF_8);
  }

  private static Set<String> origins(JsonNode array) {
    var origins = new TreeSet<String>();
    for (String origin : Settings.texts("egress", array, MAX_EGRESS)) {
      origins.add(origin(origin));
    }
    return origins;
  }

  private static String origin(String text) {
    String lower = text.toLowerCase(Locale.ROOT);
    if (lower.equals(ANY_PUBLIC)) {
      return lower;
    }
    try {
      var uri = new URI(lower);
      boolean scheme = "https".equals(uri.getScheme()) || "http".equals(uri.getScheme());
      if (scheme
          && uri.getHost() != null
          && uri.getRawUserInfo() == null
          && uri.getRawQuery() == null
          && uri.getRawFragment() == null
          && (uri.getRawPath().isEmpty() || uri.getRawPath().equals("/"))) {
        return uri.getScheme() + "://" + uri.getRawAuthority();
      }
    } catch (URISyntaxException malformed) {
      // Said below, as of any other text that is no origin.
    }
    throw new SettingsException(
        "egress has \""
            + text
            + "\", which is no origin such as https://api.example.com (or \"*\" for all public ones)");
  }

  private static @Nullable String text(ObjectNode object, String key) {
    var value = object.get(key);
    return value == null ? null : Settings.text(key, value);
  }
}
