package dev.dormouse.module;

import dev.dormouse.fault.Code;
import dev.dormouse.fault.ResourceFault;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;

/** Bounds the uploads that are held in memory at a time. Safe for use by many threads. */
final class Uploads {
  private static final long MOST_BYTES = Runtime.getRuntime().maxMemory() / 8;

  private final Semaphore places = new Semaphore(Namespaces.MAX_UPLOADS);
  private final AtomicLong bytes = new AtomicLong();

  /**
   * Does the work of one upload.
   *
   * @throws ResourceFault {@code overloaded}, when there are too many already
   */
  <T> T holding(int length, Supplier<T> work) {
    if (!places.tryAcquire()) {
      throw tooMany();
    }
    try {
      if (bytes.addAndGet(length) > Math.max(MOST_BYTES, length)) {
        throw tooMany();
      }
      return work.get();
    } finally {
      bytes.addAndGet(-length);
      places.release();
    }
  }

  private static ResourceFault tooMany() {
    return new ResourceFault(
        Code.OVERLOADED,
        "as many modules are being deployed as this server holds: try again in some seconds");
  }
}
