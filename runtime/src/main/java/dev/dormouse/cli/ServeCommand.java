package dev.dormouse.cli;

import java.nio.file.Path;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;

/** Runs the server. Its stdout is one line, when it accepts requests. */
@Command(
    name = "serve",
    description = {
      "Run the server. When it accepts requests it prints one line on stdout:",
      "  ready http://HOST:PORT admin http://HOST:PORT",
      "SIGTERM lets it finish what it has begun, and it exits 0.",
      "Its admin API asks for a token: the one in the configuration or in DORMOUSE_TOKEN, otherwise"
          + " one that it makes and keeps in the file admin-token of its data folder."
    },
    mixinStandardHelpOptions = true)
final class ServeCommand implements Callable<Integer> {
  @ParentCommand @Nullable Cli cli;

  @Option(
      names = "--config",
      paramLabel = "FILE",
      description = "A JSON file with the settings; options given here win over it.")
  @Nullable Path config;

  @Option(
      names = "--host",
      paramLabel = "HOST",
      description = "Address of the public listener; default 127.0.0.1.")
  @Nullable String host;

  @Option(
      names = "--port",
      paramLabel = "PORT",
      description = "Port of the public listener, 0 for a free one; default 8787.")
  @Nullable Integer port;

  @Option(
      names = "--admin-host",
      paramLabel = "HOST",
      description = "Address of the admin listener; default 127.0.0.1.")
  @Nullable String adminHost;

  @Option(
      names = "--admin-port",
      paramLabel = "PORT",
      description = "Port of the admin listener, 0 for a free one; default 8788.")
  @Nullable Integer adminPort;

  @Option(
      names = "--data",
      paramLabel = "DIR",
      description = "Where everything durable is kept; default ./data.")
  @Nullable Path data;

  @Override
  public Integer call() {
    return options().serve(Objects.requireNonNull(cli));
  }

  ServeOptions options() {
    return new ServeOptions(config, host, port, adminHost, adminPort, data);
  }
}
