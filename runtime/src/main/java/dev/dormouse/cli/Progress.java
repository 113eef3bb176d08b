package dev.dormouse.cli;

import dev.dormouse.time.TimeSource;
import java.io.PrintStream;
import java.time.Duration;

/**
 * Says on stderr what is being waited for, once a second has passed: a line that counts the seconds
 * on a terminal, a line now and then elsewhere. Closing it takes the terminal's line away.
 */
final class Progress implements AutoCloseable {
  private static final Duration TICK = Duration.ofSeconds(1);
  private static final int SECONDS_BETWEEN_LINES = 15;
  private static final int DETAIL = 60;

  private final TimeSource time;
  private final PrintStream err;
  private final boolean terminal;
  private final String what;
  private TimeSource.Timer timer;
  private String detail = "";
  private long seconds;
  private boolean closed;

  Progress(TimeSource time, PrintStream err, boolean terminal, String what) {
    this.time = time;
    this.err = err;
    this.terminal = terminal;
    this.what = what;
    this.timer = time.after(TICK, this::tick);
  }

  /** On this process's stderr. */
  static Progress of(TimeSource time, String what) {
    return new Progress(time, System.err, Terminal.present(), what);
  }

  private synchronized void tick() {
    if (closed) {
      return;
    }
    seconds++;
    if (terminal) {
      err.print("\r\u001b[K" + what + ", " + seconds + " s  " + Show.prefix(detail, DETAIL));
      err.flush();
    } else if (seconds == 1 || seconds % SECONDS_BETWEEN_LINES == 0) {
      err.println(
          "dormouse: "
              + what
              + ", "
              + seconds
              + " s"
              + (detail.isEmpty() ? "" : " (" + detail + ")"));
    }
    timer = time.after(TICK, this::tick);
  }

  /** What the work says that it is doing now; shown with the next tick. */
  synchronized void detail(String text) {
    detail = Table.shorten(text.strip());
  }

  @Override
  public synchronized void close() {
    if (closed) {
      return;
    }
    closed = true;
    timer.cancel();
    if (terminal && seconds > 0) {
      err.print("\r\u001b[K");
      err.flush();
    }
  }
}
