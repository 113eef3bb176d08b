package dev.dormouse.gateway;

/** Whether the server takes requests: not before everything is up, nor when it is to stop. */
final class Readiness {
  private enum State {
    STARTING,
    READY,
    DRAINING
  }

  private volatile State state = State.STARTING;

  void ready() {
    state = State.READY;
  }

  void drain() {
    state = State.DRAINING;
  }

  boolean isReady() {
    return state == State.READY;
  }

  boolean isDraining() {
    return state == State.DRAINING;
  }
}
