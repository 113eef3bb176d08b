package dev.dormouse.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.abort;

import dev.dormouse.cli.Cli;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/**
 * A language that every example is written in, and its examples as the command line builds them.
 */
enum ExampleLanguage {
  RUST("rust", "", "sdk-rust/toolchain/rust-wasm.sh"),
  ASSEMBLYSCRIPT("assemblyscript", "-as", "sdk-assemblyscript/toolchain/as-wasm.sh"),
  /** Where an example has a gateway, with it. */
  JS("js", "-js", "sdk-js-quickjs-wasm/toolchain/js-wasm.sh"),
  /** The workers of those examples that have a gateway, without it. */
  JS_DIRECT("js", "-direct-js", "sdk-js-quickjs-wasm/toolchain/js-wasm.sh"),
  /** Durable Objects. */
  TS("ts", "", "sdk-js-quickjs-wasm/toolchain/js-wasm.sh");

  /** What the build scripts exit with where something is missing that a person must install. */
  private static final int MISSING = 2;

  private static final Map<Path, byte[]> BUILT = new HashMap<>();
  private static final Map<Path, Path> COPIES = new HashMap<>();

  private final String folder;
  private final String suffix;
  private final String script;

  ExampleLanguage(String folder, String suffix, String script) {
    this.folder = folder;
    this.suffix = suffix;
    this.script = script;
  }

  /** The namespace that an example has in this language. */
  String namespace(String example) {
    return example + suffix;
  }

  /**
   * An example's module, built once for all tests. Without the toolchain the test is skipped, or
   * fails where {@code CI} is {@code true}.
   */
  byte[] module(String example) {
    synchronized (BUILT) {
      var app = repository().resolve("examples", folder, example);
      return BUILT.computeIfAbsent(this == JS_DIRECT ? withoutGateway(app) : app, this::build);
    }
  }

  /** A copy of an app whose manifest names its worker only. Tests that ask again get the same. */
  private static Path withoutGateway(Path app) {
    return COPIES.computeIfAbsent(
        app,
        original -> {
          try {
            var copy = Files.createTempDirectory("direct");
            try (var files = Files.list(original)) {
              for (var file : files.filter(Files::isRegularFile).toList()) {
                Files.copy(file, copy.resolve(original.relativize(file).toString()));
              }
            }
            var manifest = copy.resolve("dormouse.json");
            Files.writeString(
                manifest, Files.readString(manifest).replaceFirst("\"main\": \"[^\"]*\",", ""));
            return copy;
          } catch (IOException e) {
            throw new UncheckedIOException(e);
          }
        });
  }

  private byte[] build(Path app) {
    try {
      var out = Files.createTempDirectory("example").resolve("app.wasm");
      System.setProperty("dormouse.home", repository().toString());
      int status =
          Cli.run(
              (config, dev) -> fail("a build starts no server"),
              "build",
              app.toString(),
              "-o",
              out.toString());
      if (status != 0) {
        requireToolchain(app, out);
      }
      assertEquals(0, status, app + " does not build");
      return Files.readAllBytes(out);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Tells a missing toolchain, which the script's exit status names, from an app that is wrong. */
  private void requireToolchain(Path app, Path out) throws IOException {
    var process =
        new ProcessBuilder(
                "sh", repository().resolve(script).toString(), app.toString(), out.toString())
            .redirectErrorStream(true)
            .start();
    var said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
    if (process.onExit().join().exitValue() == MISSING) {
      var reason = said.lines().reduce("", (before, line) -> line);
      if ("true".equals(System.getenv("CI"))) {
        fail(reason);
      }
      abort(reason);
    }
  }

  static Path repository() {
    var folder = Path.of("").toAbsolutePath();
    while (!Files.exists(folder.resolve("dormouse"))) {
      folder = folder.getParent();
      if (folder == null) {
        throw new IllegalStateException("run the tests within the checkout");
      }
    }
    return folder;
  }
}
