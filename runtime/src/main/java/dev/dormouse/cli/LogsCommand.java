package dev.dormouse.cli;

import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Shows what actors logged. */
@Command(
    name = "logs",
    description = "Show what the actors of a namespace logged.",
    mixinStandardHelpOptions = true)
final class LogsCommand implements Callable<Integer> {
  @Mixin AdminOptions admin = new AdminOptions();

  @Parameters(index = "0", paramLabel = "NAMESPACE", description = "The namespace.")
  String namespace = "";

  @Parameters(index = "1", arity = "0..1", paramLabel = "ACTOR", description = "Only this actor.")
  @Nullable String actor;

  @Option(
      names = {"-f", "--follow"},
      description = "Keep showing new lines until stopped.")
  boolean follow;

  @Option(names = "--json", description = "Print each line's JSON as it is.")
  boolean json;

  @Override
  public Integer call() {
    LogStream.copy(admin.client(), namespace, actor, follow, json, System.out);
    return Cli.WORKED;
  }
}
