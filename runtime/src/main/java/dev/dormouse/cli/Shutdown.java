package dev.dormouse.cli;

import java.util.concurrent.CountDownLatch;

/**
 * How a command that serves ends: SIGTERM or Ctrl-C closes the server, which drains it, and the
 * process exits 0; an exit for any other reason keeps its own status.
 */
final class Shutdown {
  private static final CountDownLatch NEVER = new CountDownLatch(1);

  private static volatile boolean begun;

  private Shutdown() {}

  /** Whether the process is ending; what fails from then on is nobody's concern. */
  static boolean hasBegun() {
    return begun;
  }

  /** From now on a signal drains the server. */
  static void drainOnSignal(RunningServer server, Runnable first) {
    Runtime.getRuntime()
        .addShutdownHook(
            Thread.ofPlatform()
                .name("dormouse-shutdown")
                .unstarted(
                    () -> {
                      begun = true;
                      int status = Cli.WORKED;
                      try {
                        first.run();
                        server.close();
                      } catch (RuntimeException failure) {
                        System.err.println("dormouse: " + Cli.describe(failure));
                        status = Cli.FAILED;
                      }
                      System.out.flush();
                      System.err.flush();
                      // The JVM's own status for a signal is not 0.
                      Runtime.getRuntime().halt(status);
                    }));
  }

  /** Keeps the calling thread until the process ends. */
  static void await() {
    try {
      NEVER.await();
    } catch (InterruptedException stop) {
      Thread.currentThread().interrupt();
    }
  }
}
