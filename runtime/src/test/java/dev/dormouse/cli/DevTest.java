package dev.dormouse.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The inner loop of an app's author: new, dev, save, save a mistake, stop. */
@Tag("slow")
class DevTest {
  @TempDir Path temp;

  @Test
  void whatAnAppThrowsIsToldToItsDeveloperWithTheLineOfTheFile() throws Exception {
    Path app = temp.resolve("thrower");
    try (Program made = Program.start(temp, "new", app.toString(), "--lang", "ts")) {
      assertEquals(0, made.status(), made.err());
    }
    Path source = app.resolve("src/index.ts");
    Files.writeString(
        source,
        Files.readString(source)
            .replace(
                "async greet(): Promise<string> {",
                "async greet(): Promise<string> {\n    throw new RangeError(\"no + for 100%\");"));
    try (Program dev =
        Program.start(temp, "dev", app.toString(), "--port", "0", "--admin-port", "0")) {
      dev.awaitOut("reloads the app");
      String answer = dev.request("GET", "/lobby");
      assertTrue(answer.contains("\"detail\":\"RangeError: no + for 100%\""), answer);
      dev.awaitOut("RangeError: no + for 100%\n    at greet (src/index.ts:10:");
    }
  }

  @ParameterizedTest
  @CsvSource({
    "assemblyscript, src/index.ts, /my-app/lobby",
    "js, src/worker.js, /my-app/lobby",
    "ts, src/index.ts, /lobby"
  })
  void aNewAppIsServedAndReloadedOnSave(String lang, String file, String url) throws Exception {
    Path app = temp.resolve("My App");
    try (Program made = Program.start(temp, "new", app.toString(), "--lang", lang)) {
      assertEquals(0, made.status(), made.err());
      assertTrue(Files.exists(app.resolve(".gitignore")));
    }
    try (Program dev =
        Program.start(temp, "dev", app.toString(), "--port", "0", "--admin-port", "0")) {
      dev.awaitOut("reloads the app");
      assertTrue(dev.out().contains("my-app is now at version 1"), dev.out() + dev.err());
      assertEquals("Hello from lobby, visit 1.\n", dev.request("GET", url));

      Path source = app.resolve(file);
      String good = Files.readString(source);
      Files.writeString(source, good.replace("Hello", "Greetings"));
      dev.awaitOut("my-app is now at version 2");
      assertEquals("Greetings from lobby, visit 2.\n", dev.request("GET", url));

      Files.writeString(source, "this is not a program");
      dev.awaitErr("did not build");
      assertEquals("Greetings from lobby, visit 3.\n", dev.request("GET", url));

      Files.writeString(source, good);
      dev.awaitOut("my-app is now at version 3");
      assertEquals("Hello from lobby, visit 4.\n", dev.request("GET", url));
      assertEquals(0, dev.terminate(), dev.err());
    }
    assertTrue(Files.isDirectory(app.resolve(".dormouse/data")));
  }
}
