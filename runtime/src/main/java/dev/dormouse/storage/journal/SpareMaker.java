package dev.dormouse.storage.journal;

import java.io.IOException;
import java.util.concurrent.Semaphore;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A thread that makes segments before they are needed, so that no commit waits for one. */
final class SpareMaker {
  private static final Logger LOG = LoggerFactory.getLogger(SpareMaker.class);

  private final BatchWriter writer;
  private final Semaphore requests = new Semaphore(1);
  private final Thread thread;
  private volatile boolean closing;

  SpareMaker(BatchWriter writer) {
    this.writer = writer;
    this.thread = Thread.ofPlatform().daemon().name("dormouse-journal-spare").unstarted(this::run);
  }

  /** Starts, and makes the first spare. */
  void start() {
    thread.start();
  }

  void request() {
    requests.release();
  }

  private void run() {
    while (true) {
      requests.acquireUninterruptibly();
      requests.drainPermits();
      if (closing) {
        return;
      }
      try {
        writer.prepareSpare();
      } catch (IOException e) {
        LOG.debug("no spare segment could be made: {}", e.getMessage());
      }
    }
  }

  /** Ends what is being made, and stops. */
  void close() {
    closing = true;
    requests.release();
    Ending.await(thread);
  }
}
