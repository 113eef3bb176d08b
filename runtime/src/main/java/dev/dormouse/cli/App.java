package dev.dormouse.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.dormouse.limits.Settings;
import dev.dormouse.limits.SettingsException;
import dev.dormouse.module.Manifest;
import dev.dormouse.script.ScriptManifest;
import dev.dormouse.script.Secrets;
import dev.dormouse.script.Wrangler;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * An app on disk: a folder with a {@code dormouse.json}, or with a wrangler file in its place.
 *
 * @param file its manifest
 * @param name the namespace that it is deployed as where no other is given
 * @param script what an app in JavaScript or TypeScript says beyond the manifest, otherwise null
 */
record App(
    Path dir,
    Path file,
    Manifest manifest,
    String name,
    Language language,
    @Nullable ScriptManifest script) {
  static final String MANIFEST = "dormouse.json";

  /**
   * Reads the manifest.
   *
   * @throws CliFailure with one line about what is missing or wrong
   */
  static App read(Path dir) {
    if (!Files.isDirectory(dir)) {
      throw new CliFailure("there is no folder " + dir);
    }
    Path file = manifest(dir);
    try {
      byte[] text = Files.readAllBytes(file);
      if (!file.endsWith(MANIFEST)) {
        String name = String.valueOf(file.getFileName());
        return of(dir, file, Wrangler.read(name, name, text));
      }
      ObjectNode object = Settings.parse(file.toString(), text);
      return ScriptManifest.isScript(object.path("lang").asText())
          ? of(dir, file, ScriptManifest.read(file.toString(), object))
          : of(dir, file, Manifest.read(file.toString(), text), null);
    } catch (SettingsException mistake) {
      throw new CliFailure(file + ": " + mistake.getMessage(), mistake);
    } catch (IOException unreadable) {
      throw new CliFailure("cannot read " + file + ": " + unreadable.getMessage(), unreadable);
    }
  }

  private static Path manifest(Path dir) {
    Path file = dir.resolve(MANIFEST);
    if (Files.isRegularFile(file)) {
      return file;
    }
    for (String name : Wrangler.FILES) {
      if (Files.isRegularFile(dir.resolve(name))) {
        return dir.resolve(name);
      }
    }
    throw new CliFailure(
        "there is no "
            + MANIFEST
            + " in "
            + dir
            + "; name an app's folder, or make an app with `dormouse new DIR --lang ts`");
  }

  private static App of(Path dir, Path file, ScriptManifest script) {
    return of(dir, file, script.common(), script);
  }

  private static App of(Path dir, Path file, Manifest manifest, @Nullable ScriptManifest script) {
    String name = manifest.name();
    if (name == null) {
      throw new CliFailure(file + " must have a \"name\", the app's namespace");
    }
    String lang = manifest.lang();
    Language language =
        Language.named(lang == null ? "" : lang)
            .orElseThrow(
                () ->
                    new CliFailure(
                        file
                            + " must have \"lang\": \"rust\", \"assemblyscript\", \"js\", \"ts\" or"
                            + " \"wasm\""
                            + (lang == null ? "" : ", not \"" + lang + "\"")));
    return new App(dir.toAbsolutePath().normalize(), file, manifest, name, language, script);
  }

  /** Says on stderr what of the manifest is left out, and answers the app. */
  App warned() {
    if (script != null) {
      script.warnings().forEach(each -> System.err.println("dormouse: " + each));
    }
    return this;
  }

  /** Whether a gateway stands in front of its actors, as far as the manifest says. */
  boolean hasMain() {
    return script == null ? manifest.gateway() : script.main() != null;
  }

  /**
   * What the app keeps out of its manifest and its module.
   *
   * @throws SettingsException when one is missing
   */
  Map<String, String> secrets() {
    return script == null ? Map.of() : Secrets.read(dir, script, System::getenv);
  }

  /** Where the module goes unless the person says otherwise. */
  Path defaultOutput() {
    return dir.resolve(".dormouse").resolve(name + ".wasm");
  }
}
