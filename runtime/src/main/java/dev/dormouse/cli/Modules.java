package dev.dormouse.cli;

import dev.dormouse.limits.SettingsException;
import dev.dormouse.module.AppSection;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Map;

/** Module files on disk. */
final class Modules {
  private static final byte[] MAGIC = {0, 'a', 's', 'm'};

  private Modules() {}

  /** Reads a module, or says in one line why the file is none. */
  static byte[] read(Path file) {
    byte[] module = bytes(file);
    for (int i = 0; i < MAGIC.length; i++) {
      if (i >= module.length || module[i] != MAGIC[i]) {
        throw new CliFailure(file + " is not a WebAssembly module (.wasm)");
      }
    }
    return module;
  }

  static byte[] bytes(Path file) {
    try {
      return Files.readAllBytes(file);
    } catch (NoSuchFileException missing) {
      throw new CliFailure("there is no file " + file, missing);
    } catch (IOException unreadable) {
      throw new CliFailure("cannot read " + file + ": " + unreadable.getMessage(), unreadable);
    }
  }

  /** Writes the app's manifest into its module. */
  static void attachManifest(Path file, App app) throws IOException {
    try {
      byte[] module = read(file);
      Files.write(
          file,
          app.script() == null
              ? AppSection.attach(module, app.manifest())
              : AppSection.complete(module, app.manifest()));
    } catch (SettingsException tooLarge) {
      throw new CliFailure(app.file() + ": " + tooLarge.getMessage(), tooLarge);
    }
  }

  /** A built module as it is sent to a server: with the app's secrets. */
  static byte[] withSecrets(Path file, App app) {
    byte[] module = read(file);
    try {
      Map<String, String> secrets = app.secrets();
      return secrets.isEmpty() ? module : AppSection.withEnv(module, secrets);
    } catch (SettingsException mistake) {
      throw new CliFailure(app.file() + ": " + mistake.getMessage(), mistake);
    }
  }
}
