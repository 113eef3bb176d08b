package dev.dormouse.cli;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.awaitility.Awaitility;

/** The whole program in a process of its own, with what it wrote. */
final class Program implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofMinutes(5);
  private static final Pattern READY =
      Pattern.compile("(?m)^ready (http://\\S+:\\d+) admin (http://\\S+:\\d+)$");

  private final Process process;
  private final Path out;
  private final Path err;
  private final HttpClient client = HttpClient.newHttpClient();

  private Program(Process process, Path out, Path err) {
    this.process = process;
    this.out = out;
    this.err = err;
  }

  static Program start(Path folder, String... args) throws IOException {
    Path out = Files.createTempFile(folder, "program", ".out");
    Path err = Files.createTempFile(folder, "program", ".err");
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xss24m",
                "-Xmx512m",
                "-XX:TieredStopAtLevel=1",
                "--enable-native-access=ALL-UNNAMED",
                "--sun-misc-unsafe-memory-access=allow",
                "-Ddormouse.home=" + checkout(),
                "-cp",
                System.getProperty("java.class.path"),
                "dev.dormouse.Main"));
    command.addAll(List.of(args));
    ProcessBuilder builder =
        new ProcessBuilder(command).redirectOutput(out.toFile()).redirectError(err.toFile());
    builder.environment().keySet().removeIf(name -> name.startsWith("DORMOUSE_"));
    return new Program(builder.start(), out, err);
  }

  /** The folder of the launcher, above the working directory of the tests. */
  static Path checkout() {
    Path folder = Path.of("").toAbsolutePath();
    while (folder != null && !Files.isExecutable(folder.resolve("dormouse"))) {
      folder = folder.getParent();
    }
    return java.util.Objects.requireNonNull(folder, "no launcher above the working directory");
  }

  String out() {
    return read(out);
  }

  String err() {
    return read(err);
  }

  String publicUrl() {
    return ready().group(1);
  }

  String adminUrl() {
    return ready().group(2);
  }

  private Matcher ready() {
    awaitOut("ready ");
    Matcher line = READY.matcher(out());
    assertTrue(line.find(), out());
    return line;
  }

  void awaitOut(String text) {
    Awaitility.await(text)
        .atMost(PATIENCE)
        .until(() -> out().contains(text) || ended("before it said " + text));
  }

  void awaitErr(String text) {
    Awaitility.await(text)
        .atMost(PATIENCE)
        .until(() -> err().contains(text) || ended("before it said " + text));
  }

  private boolean ended(String when) {
    if (!process.isAlive()) {
      throw new AssertionError(
          "exit " + process.exitValue() + " " + when + ": " + out() + "\n" + err());
    }
    return false;
  }

  String request(String method, String path) throws IOException, InterruptedException {
    return client
        .send(
            HttpRequest.newBuilder(URI.create(publicUrl() + path))
                .method(method, HttpRequest.BodyPublishers.noBody())
                .timeout(PATIENCE)
                .build(),
            HttpResponse.BodyHandlers.ofString())
        .body();
  }

  /** Sends SIGTERM, and answers the exit status. */
  int terminate() throws InterruptedException {
    process.destroy();
    return status();
  }

  int status() throws InterruptedException {
    assertTrue(process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS), "the program ends");
    return process.exitValue();
  }

  @Override
  public void close() {
    process.descendants().forEach(ProcessHandle::destroyForcibly);
    process.destroyForcibly();
    client.close();
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
