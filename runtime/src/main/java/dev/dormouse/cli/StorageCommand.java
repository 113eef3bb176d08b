package dev.dormouse.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Shows what an actor has stored. */
@Command(
    name = "storage",
    description = "Show the stored entries of an actor, in the order of their keys.",
    mixinStandardHelpOptions = true)
final class StorageCommand implements Callable<Integer> {
  @Mixin AdminOptions admin = new AdminOptions();

  @Parameters(index = "0", paramLabel = "NAMESPACE", description = "The namespace.")
  String namespace = "";

  @Parameters(index = "1", paramLabel = "ACTOR", description = "The actor's name.")
  String actor = "";

  @Option(
      names = "--prefix",
      paramLabel = "TEXT",
      defaultValue = "",
      description = "Only keys that begin so.")
  String prefix = "";

  @Option(
      names = "--limit",
      paramLabel = "N",
      defaultValue = "1000",
      description = "At most so many; default ${DEFAULT-VALUE}.")
  int limit;

  @Option(names = "--json", description = "Print the entries as one JSON array.")
  boolean json;

  @Override
  public Integer call() {
    if (limit < 1) {
      throw new CliMistake("--limit must be at least 1");
    }
    String path = AdminClient.path("v1", "namespaces", namespace, "actors", actor, "storage");
    ArrayNode all = AdminClient.JSON.createArrayNode();
    boolean more = Pages.each(admin.client(), path, prefix, limit, "entries", all::add);
    if (json) {
      System.out.println(all.toPrettyString());
      return Cli.WORKED;
    }
    Table table = new Table("KEY", "VALUE");
    for (JsonNode each : all) {
      table.row(Show.text(each, "key"), Show.text(each, "value", "base64"));
    }
    if (table.isEmpty()) {
      System.out.println("nothing stored");
    } else {
      table.print(System.out);
    }
    if (more) {
      System.err.println("dormouse: there are more; see them with --limit or --prefix");
    }
    return Cli.WORKED;
  }
}
