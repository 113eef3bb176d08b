package dev.dormouse.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/** Assembles WebAssembly text with wabt's {@code wat2wasm}, which tests need on the PATH. */
public final class Wat {
  private Wat() {}

  /** Assembles a module. */
  public static byte[] assemble(String text) {
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
      throw new UncheckedIOException("these tests need wat2wasm: install the package wabt", e);
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
