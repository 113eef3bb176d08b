package dev.dormouse.cli;

import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Deletes for good. */
@Command(
    name = "delete",
    description =
        "Delete an actor with its storage, or a whole namespace with all of its actors, for good.",
    mixinStandardHelpOptions = true)
final class DeleteCommand implements Callable<Integer> {
  @Mixin AdminOptions admin = new AdminOptions();

  @Parameters(index = "0", paramLabel = "NAMESPACE", description = "The namespace.")
  String namespace = "";

  @Parameters(index = "1", arity = "0..1", paramLabel = "ACTOR", description = "Only this actor.")
  @Nullable String actor;

  @Option(
      names = {"-y", "--yes"},
      description = "Do not ask.")
  boolean yes;

  @Override
  public Integer call() {
    String what =
        actor == null
            ? "namespace " + namespace + " with all of its actors"
            : "actor " + actor + " of namespace " + namespace;
    if (!yes && !confirmed(what)) {
      throw new CliFailure("nothing deleted");
    }
    String path =
        actor == null
            ? AdminClient.path("v1", "namespaces", namespace)
            : AdminClient.path("v1", "namespaces", namespace, "actors", actor);
    admin.client().delete(path);
    System.out.println("deleted " + what);
    return Cli.WORKED;
  }

  private boolean confirmed(String what) {
    if (!Terminal.present()) {
      throw new CliMistake("not asked for confirmation without a terminal, so say --yes");
    }
    return Terminal.ask("delete " + what + " and its data for good? [y/N]")
        .toLowerCase(Locale.ROOT)
        .startsWith("y");
  }
}
