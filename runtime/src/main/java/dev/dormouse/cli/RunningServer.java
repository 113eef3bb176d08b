package dev.dormouse.cli;

import dev.dormouse.config.ServerConfig;

/** A server that accepts requests, as far as the commands that run one need to know it. */
public interface RunningServer extends AutoCloseable {
  int publicPort();

  int adminPort();

  /** Takes nothing new, finishes what it took, makes everything durable, and ends. */
  @Override
  void close();

  /** Starts a server; the commands are given it so that they do not depend on its parts. */
  @FunctionalInterface
  interface Start {
    /**
     * @param dev whether a person at this machine develops with it: its admin API on loopback asks
     *     for no token
     */
    RunningServer start(ServerConfig config, boolean dev);
  }
}
