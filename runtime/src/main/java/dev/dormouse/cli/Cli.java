package dev.dormouse.cli;

import dev.dormouse.config.ServerConfig;
import dev.dormouse.fault.Fault;
import dev.dormouse.limits.SettingsException;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.MissingParameterException;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

/**
 * The command line. A command that worked exits 0. A mistake in how it was called exits 2 with one
 * line that says what to do; work that failed exits 1 with one line that says what happened.
 * Results go to stdout, everything else to stderr.
 */
@Command(
    name = "dormouse",
    description = "Durable actors in WebAssembly.",
    synopsisSubcommandLabel = "COMMAND",
    mixinStandardHelpOptions = true,
    versionProvider = Version.class,
    subcommands = {
      DevCommand.class,
      ServeCommand.class,
      NewCommand.class,
      BuildCommand.class,
      DeployCommand.class,
      NamespacesCommand.class,
      ActorsCommand.class,
      StorageCommand.class,
      LogsCommand.class,
      DeleteCommand.class,
      TestCommand.class,
      BenchCommand.class
    },
    footer = {"", "Each command explains itself with --help."})
public final class Cli {
  static final int WORKED = 0;
  static final int FAILED = 1;
  static final int MISTAKE = 2;

  private final RunningServer.Start server;

  private Cli(RunningServer.Start server) {
    this.server = server;
  }

  /**
   * Runs one command and answers the exit status of the process.
   *
   * @param server what the commands that run a server start
   */
  public static int run(RunningServer.Start server, String... args) {
    ServeOptions serve = ServeOptions.plain(args);
    return serve == null ? parse(server, args) : serve(new Cli(server), serve);
  }

  private static int serve(Cli cli, ServeOptions options) {
    try {
      return options.serve(cli);
    } catch (RuntimeException failure) {
      return explain(failure, new PrintWriter(System.err, true, System.err.charset()));
    }
  }

  private static int parse(RunningServer.Start server, String... args) {
    CommandLine line = new CommandLine(new Cli(server));
    line.setUsageHelpAutoWidth(true);
    line.setCaseInsensitiveEnumValuesAllowed(true);
    line.setParameterExceptionHandler((mistake, given) -> explain(mistake));
    line.setExecutionExceptionHandler((failure, command, parsed) -> explain(failure, command));
    if (args.length == 0) {
      line.usage(line.getErr());
      return MISTAKE;
    }
    return line.execute(args);
  }

  /** Starts a server, or says in one line why it cannot start. */
  RunningServer start(ServerConfig config, boolean dev) {
    Ports.requireFree(config.host(), config.port(), "--port");
    Ports.requireFree(config.adminHost(), config.adminPort(), "--admin-port");
    RunningServer started = server.start(config, dev);
    if (started.publicPort() <= 0 || started.adminPort() <= 0) {
      // Someone else took a port in between.
      started.close();
      throw new CliFailure("the server could not listen; its log says why");
    }
    return started;
  }

  private static int explain(ParameterException mistake) {
    CommandLine command = mistake.getCommandLine();
    String what = oneLine(String.valueOf(mistake.getMessage()));
    if (mistake instanceof UnmatchedArgumentException unmatched) {
      what = unmatched(unmatched, command);
    } else if (mistake instanceof MissingParameterException
        && what.startsWith("Missing required")) {
      what =
          what.replaceFirst("Missing required (parameters?|option): ", "missing ").replace("'", "");
    }
    PrintWriter err = command.getErr();
    err.println(
        "dormouse: "
            + lowerFirst(what)
            + "; see `"
            + command.getCommandSpec().qualifiedName()
            + " --help`");
    err.flush();
    return MISTAKE;
  }

  private static String unmatched(UnmatchedArgumentException mistake, CommandLine command) {
    String first = mistake.getUnmatched().getFirst();
    boolean option = first.startsWith("-");
    String kind =
        option
            ? "unknown option "
            : command.getSubcommands().isEmpty() ? "unexpected argument " : "unknown command ";
    List<String> suggestions = mistake.getSuggestions();
    String hint =
        suggestions.isEmpty() || command.getSubcommands().isEmpty()
            ? ""
            : ", did you mean " + String.join(" or ", suggestions) + "?";
    return kind + "`" + first + "`" + hint;
  }

  private static int explain(Exception failure, CommandLine command) {
    if (failure instanceof CliMistake mistake) {
      return explain(new ParameterException(command, String.valueOf(mistake.getMessage())));
    }
    return explain(failure, command.getErr());
  }

  private static int explain(Exception failure, PrintWriter err) {
    err.println("dormouse: " + describe(failure));
    if (System.getenv("DORMOUSE_DEBUG") != null) {
      failure.printStackTrace(err);
    }
    err.flush();
    return FAILED;
  }

  /** One line about a failure, fit for the person who ran the command. */
  static String describe(Throwable failure) {
    String message = failure.getMessage();
    return switch (failure) {
      case CliFailure expected -> oneLine(String.valueOf(message));
      case SettingsException mistake -> oneLine(String.valueOf(message));
      case Fault fault -> oneLine(message + " (" + fault.code().wire() + ")");
      case IOException disk ->
          oneLine(
              disk.getClass().getSimpleName().replace("Exception", "")
                  + (message == null ? "" : ": " + message));
      default ->
          oneLine(
              failure.getClass().getSimpleName()
                  + (message == null ? "" : ": " + message)
                  + " (set DORMOUSE_DEBUG=1 for the whole trace)");
    };
  }

  private static String oneLine(String text) {
    return text.strip().replaceAll("\\s*\\R\\s*", "; ");
  }

  private static String lowerFirst(String text) {
    return text.isEmpty() || (text.length() > 1 && Character.isUpperCase(text.charAt(1)))
        ? text
        : Character.toLowerCase(text.charAt(0)) + text.substring(1);
  }
}
