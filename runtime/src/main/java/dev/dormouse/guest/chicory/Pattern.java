package dev.dormouse.guest.chicory;

import dev.dormouse.guest.MemoryGrant;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The memory of one instance, which those of others of the same module are folded against. It is
 * there as long as one of them is folded so, and is paid for as long: by the grant of the instance
 * whose memory it was, whether that still lives or not.
 */
final class Pattern {
  private final byte[] bytes;
  private final MemoryGrant payer;
  private final Shelf shelf;

  /** How many memories are folded against it; guarded by the shelf. */
  private int users = 1;

  private Pattern(byte[] bytes, MemoryGrant payer, Shelf shelf) {
    this.bytes = bytes;
    this.payer = payer;
    this.shelf = shelf;
  }

  /** Not to be changed. */
  byte[] bytes() {
    return bytes;
  }

  /** A memory is not folded against it any more. */
  void leave() {
    shelf.leave(this);
  }

  /**
   * Hands the array over, with what is paid for it, to a memory that nobody shares it with.
   *
   * @return null where others are folded against it
   */
  byte @Nullable [] take() {
    return shelf.take(this);
  }

  /** The pattern of a module. Safe for use by many threads. */
  static final class Shelf {
    /** How many memories in a row must fit badly, until one of them becomes the pattern. */
    private static final int FIRST_PATIENCE = 8;

    private static final int MOST_PATIENCE = 1024;

    private @Nullable Pattern current;
    private int misfits;
    private int patience = FIRST_PATIENCE;

    /** The pattern, for one more user; null where there is none. */
    synchronized @Nullable Pattern join() {
      if (current != null) {
        current.users++;
      }
      return current;
    }

    /**
     * Makes an array the pattern, for the memory that it was of.
     *
     * @param payer has paid for it, and gets that back in the end
     * @return null where there is a pattern already
     */
    synchronized @Nullable Pattern found(byte[] bytes, MemoryGrant payer) {
      if (current != null) {
        return null;
      }
      current = new Pattern(bytes, payer, this);
      return current;
    }

    /**
     * A memory was compared with the pattern. The first that was folded may have been an odd one:
     * when many in a row differ from it much, it goes, and the next becomes the pattern. Each time
     * that does not help the patience grows, so that those who are all different cost little.
     */
    synchronized void compared(Pattern with, boolean fits) {
      if (with != current) {
        return;
      }
      misfits = fits ? 0 : misfits + 1;
      if (misfits >= patience) {
        misfits = 0;
        patience = Math.min(MOST_PATIENCE, 2 * patience);
        current = null;
      }
    }

    private synchronized void leave(Pattern pattern) {
      if (--pattern.users == 0) {
        forget(pattern);
        pattern.payer.release(pattern.bytes.length);
      }
    }

    private synchronized byte @Nullable [] take(Pattern pattern) {
      if (pattern.users != 1) {
        return null;
      }
      pattern.users = 0;
      forget(pattern);
      return pattern.bytes;
    }

    private void forget(Pattern pattern) {
      if (Objects.equals(current, pattern)) {
        current = null;
      }
    }
  }
}
