package dev.dormouse.cli;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.UnknownHostException;

/** Ports and addresses on the command line. */
final class Ports {
  static final int HIGHEST = 65_535;

  private Ports() {}

  static int checked(String option, int port) {
    if (port < 0 || port > HIGHEST) {
      throw new CliMistake(option + " must be 0 to " + HIGHEST + ", not " + port);
    }
    return port;
  }

  /** Fails in one line that names the option, when the address cannot be listened on. */
  static void requireFree(String host, int port, String option) {
    try (ServerSocket socket = new ServerSocket()) {
      socket.setReuseAddress(true);
      socket.bind(new InetSocketAddress(InetAddress.getByName(host), port));
    } catch (UnknownHostException unknown) {
      throw new CliFailure("there is no address " + host + " on this machine", unknown);
    } catch (IOException taken) {
      throw new CliFailure(
          "cannot listen on %s:%d: %s; choose another port with %s, 0 for a free one"
              .formatted(host, port, taken.getMessage(), option),
          taken);
    }
  }

  static String url(String host, int port) {
    return "http://" + (host.contains(":") ? "[" + host + "]" : host) + ":" + port;
  }
}
