package dev.dormouse.cli;

import java.nio.file.Files;
import java.nio.file.Path;

/** The checkout that Dormouse runs from: where its SDKs are. The launcher says where it is. */
final class Home {
  private Home() {}

  static Path path() {
    String given = System.getProperty("dormouse.home");
    if (given == null) {
      throw new CliFailure("start Dormouse with its `dormouse` launcher, which knows where it is");
    }
    return Path.of(given);
  }

  /** A file of the checkout, which must be there. */
  static Path file(String first, String... more) {
    Path file = path().resolve(Path.of(first, more));
    if (!Files.exists(file)) {
      throw new CliFailure(file + " is missing; is the checkout of Dormouse whole?");
    }
    return file;
  }
}
