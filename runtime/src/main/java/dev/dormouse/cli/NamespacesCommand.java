package dev.dormouse.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Lists what the server serves. */
@Command(
    name = "namespaces",
    description = "List the namespaces of a server and the module version that each is bound to.",
    mixinStandardHelpOptions = true)
final class NamespacesCommand implements Callable<Integer> {
  @Mixin AdminOptions admin = new AdminOptions();

  @Option(names = "--json", description = "Print the server's JSON as it is.")
  boolean json;

  @Override
  public Integer call() {
    JsonNode answer = admin.client().get("/v1/namespaces").body();
    if (json) {
      System.out.println(answer.toPrettyString());
      return Cli.WORKED;
    }
    Table table = new Table("NAMESPACE", "VERSION", "SIZE", "SHA-256", "EXPORTS");
    for (JsonNode each : answer.path("namespaces")) {
      table.row(
          Show.text(each, "namespace", "name"),
          Show.text(each, "version"),
          Show.bytes(each.path("size")),
          Show.prefix(Show.text(each, "sha256"), 12),
          Show.list(each.path("exports")));
    }
    if (table.isEmpty()) {
      System.out.println("no namespaces yet; deploy one with `dormouse deploy DIR`");
    } else {
      table.print(System.out);
    }
    return Cli.WORKED;
  }
}
