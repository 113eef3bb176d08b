package dev.dormouse.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CliTest {
  /** Nothing listens there: port 9 is the discard service, which nobody runs on loopback. */
  private static final String NOWHERE = "http://127.0.0.1:9";

  @TempDir Path temp;

  record Ran(int status, String out, String err) {
    void isOneLine(int expected, String part) {
      assertEquals(expected, status, out + err);
      assertEquals("", out);
      // Where it takes longer than a second, progress is shown before.
      var said = err.lines().filter(line -> !line.matches(".*, \\d+ s( \\(.*\\))?")).toList();
      assertEquals(1, said.size(), err);
      assertTrue(said.getFirst().startsWith("dormouse: "), err);
      assertTrue(said.getFirst().contains(part), err);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "dev",
        "serve",
        "build",
        "deploy",
        "new",
        "namespaces",
        "actors",
        "storage",
        "logs",
        "delete",
        "test",
        "bench"
      })
  void everyCommandExplainsItself(String command) {
    Ran ran = run(command, "--help");
    assertEquals(0, ran.status(), ran.err());
    assertTrue(ran.out().contains("Usage: dormouse " + command), ran.out());
    assertEquals("", ran.err());
  }

  @Test
  void theOverviewNamesEveryCommand() {
    Ran ran = run("--help");
    assertEquals(0, ran.status());
    for (String command :
        "dev serve build deploy new namespaces actors storage logs delete test bench".split(" ")) {
      assertTrue(ran.out().contains("\n  " + command + " "), command);
    }
  }

  @Test
  void aMistakeIsOneLineThatSaysWhatToDo() {
    run("frobnicate").isOneLine(2, "unknown command `frobnicate`");
    run("namespace").isOneLine(2, "did you mean namespaces");
    run("actors").isOneLine(2, "missing NAMESPACE; see `dormouse actors --help`");
    run("actors", "a", "b").isOneLine(2, "unexpected argument `b`");
    run("serve", "--prot", "1").isOneLine(2, "unknown option `--prot`");
    run("serve", "--port", "many").isOneLine(2, "--port");
    run("serve", "--port", "70000").isOneLine(2, "--port must be 0 to 65535, not 70000");
    run("new", temp.resolve("x").toString()).isOneLine(2, "--lang");
    run("new", temp.resolve("x").toString(), "--lang", "cobol").isOneLine(2, "not `cobol`");
    run("actors", "a", "--limit", "0").isOneLine(2, "--limit must be at least 1");
    run("namespaces", "--server", "not an address").isOneLine(2, "is not an address");
    run("delete", "chat").isOneLine(2, "--yes");
  }

  @Test
  void aServerThatIsNotThereIsSaidInOneLine() {
    for (String command : new String[] {"namespaces", "actors a", "storage a b", "logs a"}) {
      run((command + " --server " + NOWHERE).split(" "))
          .isOneLine(1, "no server answers at " + NOWHERE);
    }
  }

  @Test
  void aFolderWithoutAnAppIsSaidInOneLine() {
    run("build", temp.toString()).isOneLine(1, "there is no dormouse.json in " + temp);
    run("dev", temp.resolve("nowhere").toString()).isOneLine(1, "there is no folder");
    run("deploy", temp.resolve("a.wasm").toString(), "--as", "a", "--server", NOWHERE)
        .isOneLine(1, "there is no file");
  }

  @Test
  void aManifestWithAMistakeIsSaidInOneLine() throws IOException {
    manifest("{\"name\": \"chat\", \"lang\": \"cobol\"}");
    run("build", temp.toString()).isOneLine(1, "not \"cobol\"");
    manifest("{\"lang\": \"rust\"}");
    run("build", temp.toString()).isOneLine(1, "must have a \"name\"");
    manifest("{");
    run("build", temp.toString()).isOneLine(1, "dormouse.json");
    manifest("{\"name\": \"chat\", \"lang\": \"js\"}");
    run("build", temp.toString()).isOneLine(1, "must name the app's file");
  }

  @Test
  void somethingElseThanAModuleIsNotUploaded() throws IOException {
    Path file = Files.writeString(temp.resolve("a.wasm"), "hello");
    run("deploy", file.toString(), "--as", "a", "--server", NOWHERE)
        .isOneLine(1, "is not a WebAssembly module");
    run("deploy", file.toString(), "--server", NOWHERE).isOneLine(2, "--as NAMESPACE");
    file = Files.writeString(temp.resolve("a.ts"), "export default {}");
    run("deploy", file.toString(), "--as", "a", "--server", NOWHERE).isOneLine(2, "to be built");
  }

  @Test
  void aPrebuiltModuleIsBuiltWithItsManifestInIt() throws IOException {
    manifest("{\"name\": \"tiny\", \"lang\": \"wasm\", \"module\": \"m.wasm\"}");
    Files.write(temp.resolve("m.wasm"), new byte[] {0, 'a', 's', 'm', 1, 0, 0, 0});
    Ran ran = run("build", temp.toString());
    assertEquals(0, ran.status(), ran.err());
    String built =
        Files.readString(temp.resolve(".dormouse/tiny.wasm"), StandardCharsets.ISO_8859_1);
    assertTrue(built.startsWith("\0asm"));
    assertTrue(built.contains("{\"name\":\"tiny\"}"), built);
    assertFalse(Files.exists(temp.resolve(".dormouse/tiny.wasm.new")));
  }

  @Test
  void aNewAppNeedsAFolderOfItsOwn() throws IOException {
    Files.writeString(temp.resolve("something"), "");
    run("new", temp.toString(), "--lang", "rust").isOneLine(2, "is not empty");
    assertFalse(Files.exists(temp.resolve("app")));
  }

  private void manifest(String json) throws IOException {
    Files.writeString(temp.resolve("dormouse.json"), json);
  }

  static Ran run(String... args) {
    PrintStream realOut = System.out;
    PrintStream realErr = System.err;
    var out = new ByteArrayOutputStream();
    var err = new ByteArrayOutputStream();
    System.setOut(new PrintStream(out, true, StandardCharsets.UTF_8));
    System.setErr(new PrintStream(err, true, StandardCharsets.UTF_8));
    try {
      int status =
          Cli.run(
              (config, dev) -> {
                throw new AssertionError("no server is started here");
              },
              args);
      return new Ran(
          status, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
    } finally {
      System.setOut(realOut);
      System.setErr(realErr);
    }
  }
}
