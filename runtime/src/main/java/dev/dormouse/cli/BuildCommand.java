package dev.dormouse.cli;

import dev.dormouse.time.SystemTime;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Builds an app into one module. */
@Command(
    name = "build",
    description = "Build the app in DIR into one WebAssembly module.",
    mixinStandardHelpOptions = true)
final class BuildCommand implements Callable<Integer> {
  @Parameters(
      arity = "0..1",
      paramLabel = "DIR",
      defaultValue = ".",
      description = "The app's folder; default the current one.")
  Path dir = Path.of(".");

  @Option(
      names = {"-o", "--output"},
      paramLabel = "OUT.wasm",
      description = "Where the module goes; default DIR/.dormouse/NAME.wasm.")
  @Nullable Path output;

  @Override
  public Integer call() throws IOException {
    App app = App.read(dir).warned();
    Path out = output == null ? app.defaultOutput() : output;
    try (SystemTime time = new SystemTime()) {
      long start = time.nanos();
      new Builder(time).build(app, out);
      System.out.printf(
          "%s: %s in %.1f s%n",
          out, Show.bytes(Files.size(out)), (time.nanos() - start) / 1_000_000_000.0);
    }
    return Cli.WORKED;
  }
}
