package dev.dormouse.cli;

import dev.dormouse.time.TimeSource;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;

/**
 * Makes one module of an app with the toolchain of its language, and writes the app's manifest into
 * it. What the toolchain says is shown only when it fails, or to those who ask for it.
 */
final class Builder {
  /** Enough of a compiler's output to see what is wrong. */
  private static final int MAX_OUTPUT_CHARS = 256 * 1024;

  private final TimeSource time;

  Builder(TimeSource time) {
    this.time = time;
  }

  /**
   * Builds, without the app's secrets, into {@code out}, whole or not at all.
   *
   * @throws CliFailure when the app does not build; what the compiler said is on stderr by then
   */
  void build(App app, Path out) {
    try {
      Path folder = out.toAbsolutePath().getParent();
      if (folder != null) {
        Files.createDirectories(folder);
      }
      Path fresh = out.resolveSibling(out.getFileName() + ".new");
      Files.deleteIfExists(fresh);
      if (app.language() == Language.WASM) {
        copyPrebuilt(app, fresh);
      } else {
        compile(app, fresh);
      }
      Modules.attachManifest(fresh, app);
      Files.move(fresh, out, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException disk) {
      throw new CliFailure("cannot write " + out + ": " + Cli.describe(disk), disk);
    }
  }

  private static void copyPrebuilt(App app, Path fresh) throws IOException {
    String named = app.manifest().module();
    if (named == null) {
      throw new CliFailure(app.file() + " must name the .wasm file as its \"module\"");
    }
    Path module = app.dir().resolve(named);
    if (!Files.isRegularFile(module)) {
      throw new CliFailure(
          "there is no "
              + module
              + ", which the manifest of "
              + app.name()
              + " names as its module");
    }
    Files.copy(module, fresh, StandardCopyOption.REPLACE_EXISTING);
  }

  private void compile(App app, Path fresh) throws IOException {
    Path script = Home.file(app.language().sdk(), app.language().script());
    List<String> command =
        new ArrayList<>(
            List.of(
                "sh", script.toString(), app.dir().toString(), fresh.toAbsolutePath().toString()));
    if (app.script() != null) {
      command.add(app.script().plan());
    }
    String said;
    int status;
    try (Progress progress = Progress.of(time, "building " + app.name())) {
      Process compiler =
          new ProcessBuilder(command)
              .directory(app.dir().toFile())
              .redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
              .redirectErrorStream(true)
              .start();
      try {
        said = output(compiler, progress);
        status = compiler.waitFor();
      } catch (InterruptedException stop) {
        compiler.descendants().forEach(ProcessHandle::destroy);
        compiler.destroy();
        Thread.currentThread().interrupt();
        throw new CliFailure("the build was interrupted", stop);
      }
    }
    if (status != 0 || !Files.isRegularFile(fresh)) {
      System.err.print(said);
      System.err.flush();
      throw new CliFailure(app.name() + " did not build; the reason is above");
    }
  }

  /** What the compiler says, the first of it when it says too much. */
  private static String output(Process compiler, Progress progress) {
    StringBuilder said = new StringBuilder();
    try (BufferedReader lines = compiler.inputReader(StandardCharsets.UTF_8)) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        if (said.length() + line.length() < MAX_OUTPUT_CHARS) {
          said.append(line).append('\n');
        }
        if (!line.isBlank()) {
          progress.detail(line);
        }
      }
      return said.toString();
    } catch (IOException lost) {
      throw new UncheckedIOException(lost);
    }
  }
}
