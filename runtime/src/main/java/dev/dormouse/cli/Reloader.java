package dev.dormouse.cli;

import dev.dormouse.module.AppSection;
import dev.dormouse.time.SystemTime;
import java.nio.file.Path;
import java.util.Locale;

/** Brings what is on disk to the running server, and says how that went. */
final class Reloader {
  private final Path dir;
  private final String namespace;
  private final AdminClient client;
  private final Builder builder;
  private final SystemTime time;
  private boolean logsShown;

  Reloader(App app, AdminClient client, Builder builder, SystemTime time) {
    this.dir = app.dir();
    this.namespace = app.name();
    this.client = client;
    this.builder = builder;
    this.time = time;
  }

  /**
   * Builds and deploys. What goes wrong is said on stderr and leaves the version that runs as it
   * is.
   *
   * @return whether the server has the app as it is on disk now
   */
  boolean reload() {
    long start = time.nanos();
    try {
      App app = App.read(dir);
      if (!app.name().equals(namespace)) {
        throw new CliFailure(
            "the app's name changed from "
                + namespace
                + " to "
                + app.name()
                + "; stop dev and start it again to serve it under its new name");
      }
      Path out = app.defaultOutput();
      builder.build(app, out);
      AdminClient.Answer answer = upload(app, out);
      System.out.printf(
          Locale.ROOT,
          "%s %s version %s (%.1f s)%n",
          namespace,
          answer.status() == 201 ? "is now at" : "stays at",
          Show.text(answer.body(), "version"),
          (time.nanos() - start) / 1e9);
      System.out.flush();
      if (!logsShown) {
        logsShown = true;
        showLogs();
      }
      return true;
    } catch (CliFailure failure) {
      if (!Shutdown.hasBegun()) {
        System.err.println("dormouse: " + Cli.describe(failure));
      }
      return false;
    }
  }

  private AdminClient.Answer upload(App app, Path out) {
    byte[] module = Modules.withSecrets(out, app);
    // Whoever develops has one app before them, so its gateway gets every request.
    String host = AppSection.hasGateway(module) ? "*" : null;
    return DeployCommand.upload(
        client, time, namespace, host, new DeployCommand.Upload("application/wasm", module));
  }

  /** Shows on stdout, from now on, what the app's actors log. */
  private void showLogs() {
    Thread.ofVirtual()
        .name("dormouse-logs")
        .start(
            () -> {
              try {
                LogStream.copy(client, namespace, null, true, false, System.out);
              } catch (CliFailure lost) {
                if (!Shutdown.hasBegun()) {
                  System.err.println("dormouse: no more logs: " + Cli.describe(lost));
                }
              }
            });
  }
}
