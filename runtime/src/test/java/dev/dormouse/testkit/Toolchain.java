package dev.dormouse.testkit;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Builds apps with the scripts that the SDKs build with. */
public final class Toolchain {
  /** What a script answers where its language is not installed. */
  private static final int TOOL_MISSING = 2;

  private Toolchain() {}

  /**
   * Runs a build script. The test that asks is skipped where the language is not installed, and
   * fails where the build does.
   */
  public static void run(Path script, Path... arguments) throws IOException, InterruptedException {
    var command = new ArrayList<>(List.of("sh", script.toString()));
    for (Path argument : arguments) {
      command.add(argument.toString());
    }
    Process build = new ProcessBuilder(command).redirectErrorStream(true).start();
    var said = new String(build.getInputStream().readAllBytes(), UTF_8);
    int status = build.waitFor();
    assumeTrue(status != TOOL_MISSING, said);
    assertEquals(0, status, said);
  }

  /**
   * The module of the app in an SDK's folder {@code conformance}.
   *
   * @param script in the SDK's folder {@code toolchain}
   * @param module where the module is written
   */
  public static byte[] conformance(Path sdk, String script, Path module)
      throws IOException, InterruptedException {
    run(sdk.resolve("toolchain").resolve(script), sdk.resolve("conformance"), module);
    return Files.readAllBytes(module);
  }
}
