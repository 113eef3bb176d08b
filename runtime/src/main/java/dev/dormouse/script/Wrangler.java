package dev.dormouse.script;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.core.json.JsonReadFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.toml.TomlMapper;
import dev.dormouse.limits.Settings;
import dev.dormouse.limits.SettingsException;
import dev.dormouse.module.Manifest;
import java.io.IOException;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * Reads the file in which apps with Durable Objects describe themselves to Cloudflare's tool: name,
 * main, durable objects, vars. Of the rest, what changes nothing here is passed over, and what
 * would change something is told in one warning.
 */
public final class Wrangler {
  /** The names of such a file, the first that is there counts. */
  public static final List<String> FILES =
      List.of("wrangler.jsonc", "wrangler.json", "wrangler.toml");

  /** Values for development, which that tool keeps out of the repository. */
  private static final String SECRETS_FILE = ".dev.vars";

  private static final Set<String> UNDERSTOOD =
      Set.of("name", "main", "durable_objects", "migrations", "vars");

  private static final Set<String> WITHOUT_EFFECT =
      Set.of(
          "$schema",
          "account_id",
          "compatibility_date",
          "compatibility_flags",
          "dev",
          "keep_names",
          "keep_vars",
          "legacy_env",
          "limits",
          "logpush",
          "minify",
          "observability",
          "placement",
          "preview_urls",
          "send_metrics",
          "tsconfig",
          "upload_source_maps",
          "usage_model",
          "workers_dev");

  private static final ObjectMapper JSON =
      JsonMapper.builder()
          .enable(JsonReadFeature.ALLOW_JAVA_COMMENTS)
          .enable(JsonReadFeature.ALLOW_TRAILING_COMMA)
          .build();
  private static final ObjectMapper TOML = new TomlMapper();

  private Wrangler() {}

  /**
   * @param where how messages call the file
   * @param file its name, whose end says whether it is JSON or TOML
   * @throws SettingsException naming the first mistake
   */
  public static ScriptManifest read(String where, String file, byte[] text) {
    ObjectNode object = parse(where, file.endsWith(".toml") ? TOML : JSON, text);
    String main = required(where, object, "main");
    String name = required(where, object, "name");
    var guest = JsonNodeFactory.instance.objectNode();
    Set<String> classes = new LinkedHashSet<>();
    var bindings = JsonNodeFactory.instance.objectNode();
    for (JsonNode each : object.path("durable_objects").path("bindings")) {
      bind(Settings.object("an entry of durable_objects.bindings", each), bindings, classes);
    }
    if (!bindings.isEmpty()) {
      guest.set("bindings", bindings);
    }
    var plain = JsonNodeFactory.instance.objectNode();
    plain.put("name", name);
    plain.put("lang", main.matches(".*\\.[cm]?tsx?") ? "ts" : "js");
    if (object.has("vars")) {
      plain.set("env", ScriptManifest.strings(Settings.object("vars", object.get("vars")), guest));
    }
    return new ScriptManifest(
        Manifest.read(where, plain, List.of()).withGuest(guest),
        main,
        null,
        classes,
        Set.of(),
        SECRETS_FILE,
        true,
        warnings(file, object));
  }

  private static void bind(ObjectNode entry, ObjectNode bindings, Set<String> classes) {
    String where = "durable_objects.bindings";
    var binding = JsonNodeFactory.instance.objectNode();
    binding.put("class", ScriptManifest.identifier(where, required(where, entry, "class_name")));
    if (entry.has("script_name")) {
      binding.put("namespace", required(where, entry, "script_name"));
    }
    ScriptManifest.bind(bindings, required(where, entry, "name"), binding, classes);
  }

  private static List<String> warnings(String file, ObjectNode object) {
    var left = new TreeSet<String>();
    for (var entry : object.properties()) {
      if (!UNDERSTOOD.contains(entry.getKey()) && !WITHOUT_EFFECT.contains(entry.getKey())) {
        left.add(entry.getKey());
      }
    }
    return left.isEmpty()
        ? List.of()
        : List.of(
            file
                + ": Dormouse has nothing for "
                + String.join(", ", left)
                + ", and leaves "
                + (left.size() == 1 ? "it" : "them")
                + " out");
  }

  private static String required(String where, ObjectNode object, String key) {
    JsonNode value = object.get(key);
    if (value == null) {
      throw new SettingsException(where + " must have \"" + key + "\"");
    }
    return Settings.text(key, value);
  }

  private static ObjectNode parse(String where, ObjectMapper mapper, byte[] text) {
    try {
      return Settings.object(where, mapper.readTree(text));
    } catch (JacksonException e) {
      var at = e.getLocation();
      throw new SettingsException(
          where
              + " cannot be read: "
              + e.getOriginalMessage()
              + (at == null ? "" : ", line " + at.getLineNr() + " column " + at.getColumnNr()));
    } catch (IOException e) {
      throw new SettingsException(where + " cannot be read: " + e.getMessage());
    }
  }
}
