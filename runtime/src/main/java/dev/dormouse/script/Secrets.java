package dev.dormouse.script;

import dev.dormouse.limits.Settings;
import dev.dormouse.limits.SettingsException;
import dev.dormouse.module.Manifest;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Values of env that stand neither in the manifest nor in a built module: they are added when the
 * module is sent to a server. No message names a value.
 */
public final class Secrets {
  private Secrets() {}

  /**
   * The secrets of an app: those of its secrets file, and over them the named ones that the
   * environment has.
   *
   * @param environment answers null for what is not set
   * @throws SettingsException when a named secret has no value, or the file cannot be used
   */
  public static Map<String, String> read(
      Path dir, ScriptManifest app, UnaryOperator<@Nullable String> environment) {
    var values = new TreeMap<String, String>();
    String named = app.secretsFile();
    if (named != null) {
      Path file = dir.resolve(named);
      if (Files.isRegularFile(file)) {
        values.putAll(parse(named, read(file)));
      } else if (!app.secretsOptional()) {
        throw new SettingsException("there is no " + file + ", which is named as the secretsFile");
      }
    }
    for (String name : app.secrets()) {
      String value = environment.apply(name);
      if (value != null) {
        values.put(name, value);
      } else if (!values.containsKey(name)) {
        throw new SettingsException(
            "the secret "
                + name
                + " has no value: set it in the environment"
                + (named == null
                    ? ", or in a file named as the \"secretsFile\""
                    : ", or in " + named));
      }
    }
    return values;
  }

  private static byte[] read(Path file) {
    try {
      if (Files.size(file) > Manifest.MAX_ENV_BYTES) {
        throw new SettingsException(
            file + " has more than " + Manifest.MAX_ENV_BYTES + " bytes, which env may take");
      }
      return Files.readAllBytes(file);
    } catch (IOException unreadable) {
      throw new SettingsException("cannot read " + file + ": " + unreadable.getMessage());
    }
  }

  /** Either a JSON object of strings, or lines {@code NAME=value}, quotes and # as in a shell. */
  static Map<String, String> parse(String where, byte[] bytes) {
    String text = new String(bytes, StandardCharsets.UTF_8);
    if (text.stripLeading().startsWith("{")) {
      return Settings.strings(where, Settings.parse(where, bytes), Manifest.MAX_ENV_BYTES);
    }
    var values = new TreeMap<String, String>();
    int number = 0;
    for (String each : text.lines().toList()) {
      number++;
      String line = each.strip();
      if (line.isEmpty() || line.startsWith("#")) {
        continue;
      }
      line = line.startsWith("export ") ? line.substring(7).stripLeading() : line;
      int equals = line.indexOf('=');
      if (equals <= 0) {
        throw new SettingsException(where + " line " + number + " must be NAME=value");
      }
      values.put(line.substring(0, equals).strip(), value(line.substring(equals + 1).strip()));
    }
    return values;
  }

  private static String value(String text) {
    for (char quote : new char[] {'"', '\''}) {
      int end = text.lastIndexOf(quote);
      if (end > 0 && text.charAt(0) == quote) {
        String inner = text.substring(1, end);
        return quote == '"' ? inner.replace("\\n", "\n").replace("\\\"", "\"") : inner;
      }
    }
    int comment = text.indexOf(" #");
    return comment < 0 ? text : text.substring(0, comment).stripTrailing();
  }
}
