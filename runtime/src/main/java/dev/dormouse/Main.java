package dev.dormouse;

import dev.dormouse.cli.Cli;
import dev.dormouse.cli.RunningServer;
import dev.dormouse.config.ServerConfig;

/** The program: what the {@code dormouse} launcher starts. */
public final class Main {
  private Main() {}

  public static void main(String[] args) {
    int status = Cli.run(Main::start, args);
    System.out.flush();
    System.exit(status);
  }

  static RunningServer start(ServerConfig config, boolean dev) {
    return new Running(Node.start(config, dev));
  }

  private record Running(Node node) implements RunningServer {
    @Override
    public int publicPort() {
      return node.publicPort();
    }

    @Override
    public int adminPort() {
      return node.adminPort();
    }

    @Override
    public void close() {
      node.close();
    }
  }
}
