package dev.dormouse.actor;

import org.jspecify.annotations.Nullable;

/**
 * What an instance is made with, so that its imports find the turn that runs. Confined to the
 * thread of the turn.
 */
public final class CurrentTurn {
  private @Nullable Turn turn;

  CurrentTurn() {}

  /**
   * @throws IllegalStateException outside of a turn, which would be a bug of the host
   */
  public Turn turn() {
    var running = turn;
    if (running == null) {
      throw new IllegalStateException("an import was called outside of a turn");
    }
    return running;
  }

  void set(@Nullable Turn running) {
    turn = running;
  }
}
