package dev.dormouse.cli;

import dev.dormouse.config.ServerConfig;
import dev.dormouse.observe.Logging;
import dev.dormouse.time.SystemTime;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;

/**
 * The inner loop of someone who writes an app: build, serve, and on every save build again and hand
 * the running actors the new code. A version that does not build leaves the old one running.
 */
@Command(
    name = "dev",
    description = {
      "Build the app in DIR, serve it, and on every change of its sources build and reload it.",
      "Actors keep their storage and their connections. What they log is shown; Ctrl-C stops."
    },
    mixinStandardHelpOptions = true)
final class DevCommand implements Callable<Integer> {
  @ParentCommand @Nullable Cli cli;

  @Parameters(
      arity = "0..1",
      paramLabel = "DIR",
      defaultValue = ".",
      description = "The app's folder; default the current one.")
  Path dir = Path.of(".");

  @Option(
      names = "--port",
      paramLabel = "PORT",
      defaultValue = "8787",
      description = "Port of the app, 0 for a free one; default ${DEFAULT-VALUE}.")
  int port;

  @Option(
      names = "--admin-port",
      paramLabel = "PORT",
      defaultValue = "8788",
      description = "Port of the admin API, 0 for a free one; default ${DEFAULT-VALUE}.")
  int adminPort;

  @Option(
      names = "--data",
      paramLabel = "DATA",
      description = "Where everything durable is kept; default DIR/.dormouse.")
  @Nullable Path data;

  @Override
  public Integer call() throws IOException, InterruptedException {
    App app = App.read(dir).warned();
    Path durable = data == null ? app.dir().resolve(".dormouse").resolve("data") : data;
    ServerConfig config =
        ServerConfig.defaults()
            .withPublic("127.0.0.1", Ports.checked("--port", port))
            .withAdmin("127.0.0.1", Ports.checked("--admin-port", adminPort))
            .withData(durable);
    // What actors log is streamed to stdout, in a form for people; once is enough.
    System.setProperty("DORMOUSE_GUEST_LOG_LEVEL", "OFF");
    Logging.install(true);
    try (SystemTime time = new SystemTime();
        SourceWatch watch = new SourceWatch(app.dir())) {
      RunningServer server = Objects.requireNonNull(cli).start(config, true);
      Shutdown.drainOnSignal(
          server, () -> ProcessHandle.current().descendants().forEach(ProcessHandle::destroy));
      String admin = Ports.url(config.adminHost(), server.adminPort());
      Reloader reloader =
          new Reloader(app, new AdminClient(URI.create(admin), null), new Builder(time), time);
      boolean built = reloader.reload();
      System.out.println(ServeOptions.readyLine(config, server));
      String open = Ports.url(config.host(), server.publicPort());
      System.out.println(
          "  app    "
              + (app.hasMain()
                  ? open + "/"
                  : open
                      + "/"
                      + AdminClient.encode(app.name())
                      + "/lobby  (any name in the place of lobby is an actor of its own)"));
      System.out.println("  admin  " + admin);
      System.out.println(
          (built ? "  saving a file in " : "  waiting for a change in ")
              + app.dir()
              + " reloads the app; Ctrl-C stops");
      System.out.flush();
      for (Set<Path> changed = watch.await(); !changed.isEmpty(); changed = watch.await()) {
        System.out.println(changed.iterator().next() + " changed");
        reloader.reload();
      }
    }
    return Cli.WORKED;
  }
}
