package dev.dormouse.cli;

import dev.dormouse.limits.SettingsException;
import dev.dormouse.module.Manifest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * An app on disk: a folder with a {@code dormouse.json}.
 *
 * @param name the namespace that it is deployed as where no other is given
 */
record App(Path dir, Manifest manifest, String name, Language language) {
  static final String MANIFEST = "dormouse.json";

  /**
   * Reads the manifest.
   *
   * @throws CliFailure with one line about what is missing or wrong
   */
  static App read(Path dir) {
    Path file = dir.resolve(MANIFEST);
    if (!Files.isDirectory(dir)) {
      throw new CliFailure("there is no folder " + dir);
    }
    if (!Files.isRegularFile(file)) {
      throw new CliFailure(
          "there is no "
              + MANIFEST
              + " in "
              + dir
              + "; name an app's folder, or make an app with `dormouse new DIR --lang rust`");
    }
    try {
      Manifest manifest = Manifest.read(file.toString(), Files.readAllBytes(file));
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
                              + " must have \"lang\": \"rust\", \"assemblyscript\" or \"wasm\""
                              + (lang == null ? "" : ", not \"" + lang + "\"")));
      return new App(dir.toAbsolutePath().normalize(), manifest, name, language);
    } catch (SettingsException mistake) {
      throw new CliFailure(file + ": " + mistake.getMessage(), mistake);
    } catch (IOException unreadable) {
      throw new CliFailure("cannot read " + file + ": " + unreadable.getMessage(), unreadable);
    }
  }

  /** Where the module goes unless the person says otherwise. */
  Path defaultOutput() {
    return dir.resolve(".dormouse").resolve(name + ".wasm");
  }
}
