package dev.dormouse.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Makes a new app from a template. */
@Command(
    name = "new",
    description = "Make a new app: a small actor that counts, ready for `dormouse dev`.",
    mixinStandardHelpOptions = true)
final class NewCommand implements Callable<Integer> {
  private static final int MAX_NAME = 64;

  @Parameters(paramLabel = "DIR", description = "The folder to make; it must be new or empty.")
  Path dir = Path.of("");

  @Option(
      names = "--lang",
      required = true,
      paramLabel = "LANG",
      description = "rust, assemblyscript, js or ts.")
  String lang = "";

  @Override
  public Integer call() throws IOException {
    Language language =
        Language.named(lang.toLowerCase(Locale.ROOT))
            .filter(known -> known != Language.WASM)
            .orElseThrow(
                () ->
                    new CliMistake(
                        "--lang must be rust, assemblyscript, js or ts, not `" + lang + "`"));
    Path target = dir.toAbsolutePath().normalize();
    String name = appName(target);
    if (Files.exists(target) && !isEmptyFolder(target)) {
      throw new CliMistake(dir + " is not empty; name a folder that does not exist yet");
    }
    Templates.copy(language, target, name);
    System.out.println("made " + dir + ", a " + language.title() + " app; try it with:");
    System.out.println("  dormouse dev " + dir);
    return Cli.WORKED;
  }

  private static boolean isEmptyFolder(Path folder) throws IOException {
    if (!Files.isDirectory(folder)) {
      return false;
    }
    try (Stream<Path> files = Files.list(folder)) {
      return files.findAny().isEmpty();
    }
  }

  /** A name that serves as namespace and as package name in every language. */
  private String appName(Path target) {
    Path last = target.getFileName();
    String name =
        (last == null ? "" : last.toString())
            .toLowerCase(Locale.ROOT)
            .replaceAll("[^a-z0-9]+", "-")
            .replaceAll("^-|-$", "");
    if (name.isEmpty() || name.length() > MAX_NAME) {
      throw new CliMistake(
          "the folder's name becomes the app's name: use letters and digits, up to 64");
    }
    return Character.isDigit(name.charAt(0)) ? "app-" + name : name;
  }
}
