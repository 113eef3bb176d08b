package dev.dormouse.module;

import dev.dormouse.fault.Code;
import dev.dormouse.fault.Fault;
import dev.dormouse.fault.InternalFault;
import dev.dormouse.fault.ResourceFault;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The threads on which modules are validated, rewritten and compiled: seconds of computing that
 * must not take a carrier of virtual threads, and not more than a few at a time. They have deep
 * stacks, since compilers recurse, and end when there is nothing to do.
 */
final class Compilers implements AutoCloseable {
  /** Modules that are compiled at a time. */
  static final int THREADS = 2;

  private static final long STACK_BYTES = 64L * 1024 * 1024;

  private final AtomicInteger count = new AtomicInteger();
  private final ThreadPoolExecutor threads;

  Compilers() {
    // Who waits in the queue is bounded elsewhere: by the uploads, and by the namespaces.
    threads =
        new ThreadPoolExecutor(
            THREADS, THREADS, 10, TimeUnit.SECONDS, new LinkedBlockingQueue<>(), this::thread);
    threads.allowCoreThreadTimeOut(true);
  }

  /**
   * Runs the work there and waits for it. The work must not wait for anything but the processor and
   * the disk: a lock that is held by one who waits here would never be let go.
   */
  <T> T run(Callable<T> work) {
    try {
      return threads.submit(work).get();
    } catch (ExecutionException e) {
      switch (e.getCause()) {
        case Fault fault -> throw fault;
        case Error error -> throw error;
        case RuntimeException failure -> throw failure;
        case null, default ->
            throw new InternalFault(Code.INTERNAL, "a module could not be loaded: " + e, e);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new ResourceFault(Code.SHUTTING_DOWN, "the server stopped waiting for a module");
    } catch (RejectedExecutionException | CancellationException e) {
      throw new ResourceFault(Code.SHUTTING_DOWN, "the server is shutting down");
    }
  }

  private Thread thread(Runnable work) {
    var thread = new Thread(null, work, "dormouse-compile-" + count.incrementAndGet(), STACK_BYTES);
    thread.setDaemon(true);
    return thread;
  }

  /** Work that waits is failed; work that runs is left to end. */
  @Override
  public void close() {
    threads.shutdown();
    Runnable waiting;
    while ((waiting = threads.getQueue().poll()) != null) {
      if (waiting instanceof Future<?> future) {
        future.cancel(false);
      }
    }
  }
}
