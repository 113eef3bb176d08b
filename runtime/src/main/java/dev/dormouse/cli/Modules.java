package dev.dormouse.cli;

import dev.dormouse.limits.SettingsException;
import dev.dormouse.module.AppSection;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/** Module files on disk. */
final class Modules {
  private static final byte[] MAGIC = {0, 'a', 's', 'm'};

  private Modules() {}

  /** Reads a module, or says in one line why the file is none. */
  static byte[] read(Path file) {
    byte[] module;
    try {
      module = Files.readAllBytes(file);
    } catch (NoSuchFileException missing) {
      throw new CliFailure("there is no file " + file, missing);
    } catch (IOException unreadable) {
      throw new CliFailure("cannot read " + file + ": " + unreadable.getMessage(), unreadable);
    }
    for (int i = 0; i < MAGIC.length; i++) {
      if (i >= module.length || module[i] != MAGIC[i]) {
        throw new CliFailure(file + " is not a WebAssembly module (.wasm)");
      }
    }
    return module;
  }

  /** Writes the app's manifest into its module. */
  static void attachManifest(Path file, App app) throws IOException {
    try {
      Files.write(file, AppSection.attach(read(file), app.manifest()));
    } catch (SettingsException tooLarge) {
      throw new CliFailure(
          app.dir().resolve(App.MANIFEST) + ": " + tooLarge.getMessage(), tooLarge);
    }
  }
}
