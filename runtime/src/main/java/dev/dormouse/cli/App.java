package dev.dormouse.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** An app on disk: a folder with a {@code dormouse.json}. */
record App(Path dir, String name, Language language, String module) {
  static final String MANIFEST = "dormouse.json";

  /** Reads the manifest, or says in one line what is wrong with it. */
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
              + "; go to an app's folder, or make an app with `dormouse new DIR --lang rust`");
    }
    try {
      JsonNode json = AdminClient.JSON.readTree(Files.readAllBytes(file));
      String lang = json.path("lang").asText("");
      return new App(
          dir.toAbsolutePath().normalize(),
          json.path("name").asText(""),
          Language.named(lang).orElseThrow(() -> new CliFailure("unknown lang " + lang)),
          json.path("module").asText(""));
    } catch (JsonProcessingException malformed) {
      throw new CliFailure(file + " is not JSON: " + malformed.getOriginalMessage(), malformed);
    } catch (IOException unreadable) {
      throw new CliFailure("cannot read " + file + ": " + unreadable.getMessage(), unreadable);
    }
  }

  /** Where the module goes unless the person says otherwise. */
  Path defaultOutput() {
    return dir.resolve(".dormouse").resolve(name + ".wasm");
  }
}
