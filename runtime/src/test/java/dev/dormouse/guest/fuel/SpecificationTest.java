package dev.dormouse.guest.fuel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.abort;

import dev.dormouse.guest.fuel.CountingMeter.Engine;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The WebAssembly specification's own tests, on rewritten modules: same results and same traps as
 * the specification says, on the compiler and on the interpreter.
 */
@Tag("slow")
class SpecificationTest {
  private final Map<String, Integer> skipped = new TreeMap<>();
  private final List<String> failed = new ArrayList<>();
  private int passed;

  @Test
  void rewrittenModulesBehaveAsTheSpecificationSays(@TempDir Path work) throws Exception {
    Path folder = folder();
    if (folder == null) {
      abort("the specification tests are not there: skipped");
    }
    if (!converts(work)) {
      abort("wast2json (package wabt) is not there: specification tests skipped");
    }
    List<Path> scripts;
    try (Stream<Path> files = Files.list(folder)) {
      scripts = files.filter(file -> file.toString().endsWith(".wast")).sorted().toList();
    }
    for (Path script : scripts) {
      compare(script, convert(script, work));
    }
    System.out.println(
        "specification tests on rewritten modules: "
            + scripts.size()
            + " scripts, "
            + passed
            + " commands passed on each engine, skipped "
            + skipped);
    assertEquals(List.of(), failed);
    assertTrue(passed > 20_000, "only " + passed + " commands passed");
  }

  private void compare(Path script, Path json) throws IOException {
    var plain = SpecScript.run(json, false, Engine.COMPILED);
    var compiled = SpecScript.run(json, true, Engine.COMPILED);
    var interpreted = SpecScript.run(json, true, Engine.INTERPRETED);
    for (int i = 0; i < plain.size(); i++) {
      String outcome = compiled.get(i);
      String name = script.getFileName() + ": ";
      if (outcome.startsWith(SpecScript.SKIPPED)) {
        skipped.merge(outcome.substring(9, outcome.indexOf(" [")), 1, Integer::sum);
      } else if (outcome.startsWith(SpecScript.PASSED)
          && interpreted.get(i).startsWith(SpecScript.PASSED)) {
        passed++;
      } else if (outcome.equals(plain.get(i))) {
        skipped.merge("the engine itself differs from the specification", 1, Integer::sum);
        System.out.println(name + outcome);
      } else {
        failed.add(
            name + outcome + " | interpreted " + interpreted.get(i) + " | plain " + plain.get(i));
      }
    }
  }

  private static Path folder() {
    String given = System.getProperty("dormouse.specDir", System.getenv().get("DORMOUSE_SPEC_DIR"));
    if (given != null) {
      return Path.of(given);
    }
    for (Path at = Path.of("").toAbsolutePath(); at != null; at = at.getParent()) {
      Path candidate = at.resolveSibling("shared/testdata/wasm-spec");
      if (Files.isDirectory(candidate)) {
        return candidate;
      }
    }
    return null;
  }

  private static boolean converts(Path work) throws InterruptedException {
    try {
      return run(work, "wast2json", "--version") == 0;
    } catch (IOException e) {
      return false;
    }
  }

  private static Path convert(Path script, Path work) throws IOException, InterruptedException {
    String name = script.getFileName().toString().replace(".wast", "");
    Path target = Files.createDirectory(work.resolve(name)).resolve(name + ".json");
    assertEquals(0, run(work, "wast2json", script.toString(), "-o", target.toString()), name);
    return target;
  }

  private static int run(Path work, String... command) throws IOException, InterruptedException {
    return new ProcessBuilder(command)
        .directory(work.toFile())
        .redirectErrorStream(true)
        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
        .start()
        .waitFor();
  }
}
