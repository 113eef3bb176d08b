package dev.dormouse.cli;

/** Ports and addresses on the command line. */
final class Ports {
  private static final int HIGHEST = 65_535;

  private Ports() {}

  static int checked(String option, int port) {
    if (port < 0 || port > HIGHEST) {
      throw new CliMistake(option + " must be 0 to " + HIGHEST + ", not " + port);
    }
    return port;
  }

  static String url(String host, int port) {
    return "http://" + (host.contains(":") ? "[" + host + "]" : host) + ":" + port;
  }
}
