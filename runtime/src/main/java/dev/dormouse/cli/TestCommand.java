package dev.dormouse.cli;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** The launcher runs the tests itself, because they need the build; this explains them. */
@Command(
    name = "test",
    description = {
      "Run all tests of Dormouse: the same thing that continuous integration runs.",
      "Tools that are missing are installed first where that is possible (Debian, as root)."
    },
    mixinStandardHelpOptions = true)
final class TestCommand implements Callable<Integer> {
  @Option(names = "--quick", description = "Leave out the tests that take long.")
  boolean quick;

  @Override
  public Integer call() {
    throw new CliFailure("the tests run from a checkout, by its `dormouse` launcher");
  }
}
