package dev.dormouse.actor;

/**
 * A connection that an actor asked for, on its way to the turn that learns of it. What comes by it
 * is held back until then: an actor hears of a connection before it hears from it, whichever thread
 * is faster. One thread after another may use this, never two at once.
 */
final class Opened {
  private final Connection connection;
  private final Runnable listen;
  private boolean listening;

  /**
   * @param listen starts to carry what comes by the connection to the actor
   */
  Opened(Connection connection, Runnable listen) {
    this.connection = connection;
    this.listen = listen;
  }

  Connection connection() {
    return connection;
  }

  /** The actor has it: from now on it hears from it. Later calls do nothing. */
  void listen() {
    if (!listening) {
      listening = true;
      listen.run();
    }
  }

  /** Nobody wants it any more. What the other end still says is read, so that it can end. */
  void discard() {
    connection.outbound().close(1001, "");
    listen();
  }
}
