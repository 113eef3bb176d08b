package dev.dormouse.script;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.dormouse.limits.Settings;
import dev.dormouse.limits.SettingsException;
import dev.dormouse.module.Manifest;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What an app in JavaScript or TypeScript says of itself, in {@code dormouse.json} or in a wrangler
 * file. Files are named relative to it.
 *
 * @param common what apps in every language say; its env has the values that are strings, its guest
 *     part the bindings and the values that are not
 * @param main the file that answers the public in front of the actors, null where they answer
 *     themselves
 * @param worker the file of the actors; null where {@code main} exports or names them
 * @param classes the actor classes that the entry file exports
 * @param secrets names of env values that must come from the environment or the secrets file
 * @param secretsFile a file of more env values, which is not part of the built module
 * @param secretsOptional whether the secrets file may be missing
 * @param warnings what of the file is left out, each in a line for people
 */
public record ScriptManifest(
    Manifest common,
    @Nullable String main,
    @Nullable String worker,
    Set<String> classes,
    Set<String> secrets,
    @Nullable String secretsFile,
    boolean secretsOptional,
    List<String> warnings) {

  /** Most actor classes of an app, and most bindings, and most secrets. */
  public static final int MAX_ENTRIES = 256;

  private static final Pattern IDENTIFIER = Pattern.compile("[\\p{L}_$][\\p{L}\\p{N}_$]*");
  private static final List<String> KEYS =
      List.of("main", "worker", "classes", "bindings", "secrets", "secretsFile");

  /** Whether a manifest's {@code lang} is one of those that this reads. */
  public static boolean isScript(@Nullable String lang) {
    return "js".equals(lang) || "ts".equals(lang);
  }

  /**
   * Reads {@code dormouse.json}.
   *
   * @param where how messages call the file
   * @throws SettingsException naming the first mistake
   */
  public static ScriptManifest read(String where, ObjectNode object) {
    if (object.has("gateway")) {
      throw new SettingsException(
          "gateway is not for JavaScript apps: name the gateway's file as \"main\"");
    }
    var plain = object.deepCopy();
    var guest = JsonNodeFactory.instance.objectNode();
    if (plain.has("env")) {
      plain.set("env", strings(Settings.object("env", plain.get("env")), guest));
    }
    Set<String> classes = new LinkedHashSet<>();
    if (object.has("classes")) {
      for (String each : Settings.texts("classes", object.get("classes"), MAX_ENTRIES)) {
        classes.add(identifier("classes", each));
      }
    }
    if (object.has("bindings")) {
      guest.set("bindings", bindings(Settings.object("bindings", object.get("bindings")), classes));
    }
    var common = Manifest.read(where, plain, KEYS).withGuest(guest);
    String main = text(object, "main");
    String worker = text(object, "worker");
    if (common.module() != null && (worker != null || main != null)) {
      throw new SettingsException(
          "name the file of the actors either as \"module\" or, beside a gateway (\"main\"), as \"worker\"");
    }
    worker = worker == null ? common.module() : worker;
    if (main == null && worker == null) {
      throw new SettingsException(
          where
              + " must name the app's file as its \"module\", or as \"main\" where a gateway stands"
              + " in front of the actors");
    }
    return new ScriptManifest(
        common,
        main,
        worker,
        classes,
        object.has("secrets")
            ? new LinkedHashSet<>(Settings.texts("secrets", object.get("secrets"), MAX_ENTRIES))
            : Set.of(),
        text(object, "secretsFile"),
        false,
        List.of());
  }

  /** What the build tool has to know, as JSON. */
  public String plan() {
    var plan = JsonNodeFactory.instance.objectNode();
    plan.put("main", main);
    plan.put("worker", worker);
    classes.forEach(plan.putArray("classes")::add);
    return plan.toString();
  }

  /** The strings of env; what else there is becomes the guest's {@code vars}. */
  static ObjectNode strings(ObjectNode env, ObjectNode guest) {
    var strings = JsonNodeFactory.instance.objectNode();
    var others = JsonNodeFactory.instance.objectNode();
    for (var entry : env.properties()) {
      (entry.getValue().isTextual() ? strings : others).set(entry.getKey(), entry.getValue());
    }
    if (!others.isEmpty()) {
      guest.set("vars", others);
    }
    return strings;
  }

  private static ObjectNode bindings(ObjectNode given, Set<String> classes) {
    if (given.size() > MAX_ENTRIES) {
      throw new SettingsException("bindings has more than " + MAX_ENTRIES + " entries");
    }
    var bindings = JsonNodeFactory.instance.objectNode();
    for (var entry : given.properties()) {
      String where = "bindings." + identifier("bindings", entry.getKey());
      JsonNode value = entry.getValue();
      var binding = JsonNodeFactory.instance.objectNode();
      if (value.isTextual()) {
        binding.put("class", identifier(where, value.textValue()));
      } else {
        var object = Settings.object(where, value);
        Settings.onlyKeys(where, object, "class", "namespace");
        if (!object.has("class")) {
          throw new SettingsException(where + " must have a \"class\"");
        }
        binding.put("class", identifier(where + ".class", object.get("class").asText()));
        if (object.has("namespace")) {
          binding.put("namespace", Settings.text(where + ".namespace", object.get("namespace")));
        }
      }
      bind(bindings, entry.getKey(), binding, classes);
    }
    return bindings;
  }

  /** Adds a binding; a class of this app is one that the entry file must export. */
  static void bind(ObjectNode bindings, String name, ObjectNode binding, Set<String> classes) {
    if (!binding.has("namespace")) {
      classes.add(binding.get("class").asText());
    }
    bindings.set(name, binding);
  }

  static String identifier(String where, String text) {
    if (!IDENTIFIER.matcher(text).matches()) {
      throw new SettingsException(
          where + " has \"" + text + "\", which is no name that JavaScript could use");
    }
    return text;
  }

  private static @Nullable String text(ObjectNode object, String key) {
    var value = object.get(key);
    return value == null ? null : Settings.text(key, value);
  }
}
