package dev.dormouse.cli;

import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** The launcher runs the benchmarks itself, because they need the build; this explains them. */
@Command(
    name = "bench",
    description = {
      "Run the benchmarks of Dormouse, or the one that is named:",
      "fuel, parts and actors measure parts of it; compare sets the server beside workerd, sweep finds",
      "where it stops to scale, profile draws flame graphs. These three have a --help of their own."
    },
    mixinStandardHelpOptions = true)
final class BenchCommand implements Callable<Integer> {
  @Parameters(arity = "0..1", paramLabel = "NAME", description = "Only this benchmark.")
  @Nullable String name;

  @Override
  public Integer call() {
    throw new CliFailure("this checkout of Dormouse holds no benchmarks (bench/run is missing)");
  }
}
