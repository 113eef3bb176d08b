package dev.dormouse.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Lists the actors of a namespace. */
@Command(
    name = "actors",
    description = "List the actors of a namespace.",
    mixinStandardHelpOptions = true)
final class ActorsCommand implements Callable<Integer> {
  @Mixin AdminOptions admin = new AdminOptions();

  @Parameters(paramLabel = "NAMESPACE", description = "The namespace.")
  String namespace = "";

  @Option(
      names = "--prefix",
      paramLabel = "TEXT",
      defaultValue = "",
      description = "Only actors whose name begins so.")
  String prefix = "";

  @Option(
      names = "--limit",
      paramLabel = "N",
      defaultValue = "1000",
      description = "At most so many; default ${DEFAULT-VALUE}.")
  int limit;

  @Option(names = "--json", description = "Print the actors as one JSON array.")
  boolean json;

  @Override
  public Integer call() {
    if (limit < 1) {
      throw new CliMistake("--limit must be at least 1");
    }
    String path = AdminClient.path("v1", "namespaces", namespace, "actors");
    ArrayNode all = AdminClient.JSON.createArrayNode();
    boolean more = Pages.each(admin.client(), path, prefix, limit, "actors", all::add);
    if (json) {
      System.out.println(all.toPrettyString());
      return Cli.WORKED;
    }
    Table table = new Table("ACTOR", "STATE", "MEMORY", "STORAGE", "CONNECTIONS", "FUEL", "ALARM");
    for (JsonNode each : all) {
      table.row(
          Show.text(each, "name"),
          Show.text(each, "state"),
          Show.bytes(each.path("memoryBytes")),
          Show.bytes(each.path("storageBytes")),
          Show.text(each, "connections"),
          Show.text(each, "fuelUsed", "fuel"),
          Show.moment(each.path("alarm")));
    }
    if (table.isEmpty()) {
      System.out.println("no actors");
    } else {
      table.print(System.out);
    }
    if (more) {
      System.err.println("dormouse: there are more; see them with --limit or --prefix");
    }
    return Cli.WORKED;
  }
}
