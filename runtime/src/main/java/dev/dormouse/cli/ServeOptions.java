package dev.dormouse.cli;

import dev.dormouse.config.ServerConfig;
import dev.dormouse.observe.Logging;
import dev.dormouse.time.SystemTime;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What `serve` was asked for on its command line; null where that says nothing. */
record ServeOptions(
    @Nullable Path config,
    @Nullable String host,
    @Nullable Integer port,
    @Nullable String adminHost,
    @Nullable Integer adminPort,
    @Nullable Path data) {
  private static final Set<String> NAMES =
      Set.of("--config", "--host", "--port", "--admin-host", "--admin-port", "--data");

  private static final int PORT_DIGITS = 5;

  /**
   * Reads a command line without the parser that all commands share, which takes as long to get
   * ready as the rest of a server. Only what that parser would take as well, and in the same way.
   *
   * @return null when there is anything but options with values, for the parser to explain
   */
  static @Nullable ServeOptions plain(String... args) {
    if (args.length == 0 || !args[0].equals("serve")) {
      return null;
    }
    Map<String, String> given = new HashMap<>();
    for (int i = 1; i < args.length; i++) {
      int equals = args[i].indexOf('=');
      String name = equals < 0 ? args[i] : args[i].substring(0, equals);
      if (equals < 0 && ++i == args.length) {
        return null;
      }
      String value = args[i].substring(equals + 1);
      if (!NAMES.contains(name) || !isPlain(value) || given.put(name, value) != null) {
        return null;
      }
      if (name.endsWith("port") && !isPort(value)) {
        return null;
      }
    }
    return new ServeOptions(
        path(given.get("--config")),
        given.get("--host"),
        port(given.get("--port")),
        given.get("--admin-host"),
        port(given.get("--admin-port")),
        path(given.get("--data")));
  }

  /** Whether the value has none of the characters at which a parser may start to think. */
  private static boolean isPlain(String value) {
    return !value.isEmpty() && "-@\"'".indexOf(value.charAt(0)) < 0;
  }

  private static boolean isPort(String value) {
    return value.length() <= PORT_DIGITS
        && value.chars().allMatch(c -> c >= '0' && c <= '9')
        && Integer.parseInt(value) <= Ports.HIGHEST;
  }

  private static @Nullable Path path(@Nullable String value) {
    return value == null ? null : Path.of(value);
  }

  private static @Nullable Integer port(@Nullable String value) {
    return value == null ? null : Integer.valueOf(value);
  }

  /** Runs the server until the process ends. */
  int serve(Cli main) {
    ServerConfig settings = settings();
    Logging.install(false);
    try (SystemTime time = new SystemTime()) {
      settings = AdminToken.ensure(settings, time);
    }
    RunningServer server = main.start(settings, false);
    Shutdown.drainOnSignal(server, () -> {});
    System.out.println(readyLine(settings, server));
    System.out.flush();
    Shutdown.await();
    return Cli.WORKED;
  }

  private ServerConfig settings() {
    ServerConfig base = config == null ? ServerConfig.defaults() : ServerConfig.read(config);
    ServerConfig result =
        base.withPublic(
                host == null ? base.host() : host,
                port == null ? base.port() : Ports.checked("--port", port))
            .withAdmin(
                adminHost == null ? base.adminHost() : adminHost,
                adminPort == null ? base.adminPort() : Ports.checked("--admin-port", adminPort));
    return data == null ? result : result.withData(data);
  }

  static String readyLine(ServerConfig settings, RunningServer server) {
    return "ready "
        + Ports.url(settings.host(), server.publicPort())
        + " admin "
        + Ports.url(settings.adminHost(), server.adminPort());
  }
}
