package dev.dormouse;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dormouse.testkit.Wat;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the launcher lets the JVM learn from. */
class RehearsalTest {
  @TempDir Path temp;

  @Test
  void itsModuleIsWhatItsTextSays() throws Exception {
    try (var text = Rehearsal.class.getResourceAsStream("rehearsal.wat")) {
      String wat = new String(Objects.requireNonNull(text).readAllBytes(), StandardCharsets.UTF_8);
      assertArrayEquals(Wat.assemble(wat), Rehearsal.module());
    }
  }

  @Test
  void itEndsByItselfWhenTheActorHasAnsweredAll() throws Exception {
    var process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xss16m",
                "-Xmx512m",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                "dev.dormouse.Rehearsal",
                temp.resolve("data").toString())
            .redirectErrorStream(true)
            .redirectOutput(temp.resolve("out").toFile())
            .start();
    try {
      assertTrue(process.waitFor(120, TimeUnit.SECONDS), "it ends");
      assertEquals(0, process.exitValue(), () -> read(temp.resolve("out")));
    } finally {
      process.destroyForcibly();
    }
  }

  private static String read(Path file) {
    try {
      return java.nio.file.Files.readString(file);
    } catch (java.io.IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }
}
