package dev.dormouse.testkit;

import static org.junit.jupiter.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.abort;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/**
 * Assembles WebAssembly text with wabt's {@code wat2wasm}. Where that is not on the PATH the test
 * is skipped, or fails where {@code CI} is {@code true}.
 */
public final class Wat {
  private static final String MISSING = "wat2wasm is not there: install the package wabt";

  private Wat() {}

  private static boolean isThere() {
    for (var folder : System.getenv("PATH").split(File.pathSeparator, -1)) {
      if (Files.isExecutable(Path.of(folder, "wat2wasm"))) {
        return true;
      }
    }
    return false;
  }

  /** Assembles a module. */
  public static byte[] assemble(String text) {
    if (!isThere()) {
      if ("true".equals(System.getenv("CI"))) {
        fail(MISSING);
      }
      abort(MISSING);
    }
    Path source = null;
    Path binary = null;
    try {
      source = Files.createTempFile("module", ".wat");
      binary = Files.createTempFile("module", ".wasm");
      Files.writeString(source, text, StandardCharsets.UTF_8);
      var process =
          new ProcessBuilder("wat2wasm", source.toString(), "-o", binary.toString())
              .redirectErrorStream(true)
              .start();
      var output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      if (!process.waitFor(60, TimeUnit.SECONDS) || process.exitValue() != 0) {
        throw new IllegalArgumentException("wat2wasm: " + output);
      }
      return Files.readAllBytes(binary);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    } finally {
      delete(source);
      delete(binary);
    }
  }

  private static void delete(Path file) {
    try {
      if (file != null) {
        Files.deleteIfExists(file);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
