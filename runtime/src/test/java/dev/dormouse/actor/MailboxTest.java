package dev.dormouse.actor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dormouse.actor.Mailbox.Offer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

class MailboxTest {
  private static final int EVENTS = 8;
  private static final long BYTES = 1_000;

  private final Mailbox mailbox = new Mailbox();

  @Test
  void theFirstOfferTakesHoldAndTheHolderWhoFindsNothingLetsGo() {
    assertEquals(Offer.TAKEN_HOLD, offer(event(1)));
    assertEquals(Offer.TAKEN, offer(event(2)));
    assertFalse(mailbox.tryHold());
    assertNotNull(mailbox.next());
    assertNotNull(mailbox.next());
    assertTrue(mailbox.isBusy(), "the last event may still be running");
    assertNull(mailbox.next());
    assertFalse(mailbox.isBusy());
    assertEquals(Offer.TAKEN_HOLD, offer(event(3)));
  }

  @Test
  void itIsFullAtItsBoundInEventsAndAtItsBoundInBytes() {
    for (int i = 0; i < EVENTS; i++) {
      offer(new Event.Completion(i, Outcome.EMPTY, Origin.NONE));
    }
    assertEquals(Offer.FULL, offer(new Event.Completion(9, Outcome.EMPTY, Origin.NONE)));

    var byBytes = new Mailbox();
    assertEquals(Offer.TAKEN_HOLD, byBytes.offer(fetch(100), EVENTS, BYTES));
    assertEquals(Offer.FULL, byBytes.offer(fetch(1_000), EVENTS, BYTES));
    assertEquals(Offer.TAKEN, byBytes.offer(fetch(200), EVENTS, BYTES));
  }

  @Test
  void anEventLargerThanTheBoundIsLetIntoAnEmptyMailbox() {
    assertEquals(Offer.TAKEN_HOLD, offer(fetch(10 * (int) BYTES)));
    assertEquals(Offer.FULL, offer(event(1)));
    mailbox.next();
    assertEquals(Offer.TAKEN, offer(event(2)));
  }

  @Test
  void aRetiredMailboxTakesNothingAndIsNotRetiredWhileSomethingWaits() {
    assertTrue(mailbox.tryHold());
    assertEquals(Offer.TAKEN, offer(event(1)));
    assertFalse(mailbox.retire());
    mailbox.next();
    assertTrue(mailbox.retire());
    assertEquals(Offer.RETIRED, offer(event(2)));
    assertFalse(mailbox.tryHold());
  }

  /** Producers, loops that start as the offers say, and a sweeper that holds and retires. */
  @Test
  void underManyProducersNothingIsLostDoubledOrHandledByTwo() throws InterruptedException {
    int producers = 8;
    int each = 20_000;
    var box = new Box();
    var done = new CountDownLatch(producers);
    for (int p = 0; p < producers; p++) {
      long base = (long) p * each;
      Thread.ofVirtual()
          .start(
              () -> {
                for (int i = 0; i < each; i++) {
                  box.deliver(base + i);
                }
                done.countDown();
              });
    }
    int retired = 0;
    while (!done.await(0, TimeUnit.MILLISECONDS)) {
      retired += box.tryRetire() ? 1 : 0;
      Thread.onSpinWait();
    }
    box.awaitIdle();
    assertEquals(List.of(), new ArrayList<>(box.wrong));
    assertEquals((long) producers * each, box.handled.get());
    assertEquals(sumBelow((long) producers * each), box.sum.get());
    assertTrue(retired > 0, "no mailbox was ever retired");
  }

  private static long sumBelow(long n) {
    return n * (n - 1) / 2;
  }

  /** A mailbox in a place, as an actor in the directory. */
  private static final class Box {
    final AtomicLong handled = new AtomicLong();
    final AtomicLong sum = new AtomicLong();
    final ConcurrentLinkedQueue<String> wrong = new ConcurrentLinkedQueue<>();
    private final AtomicInteger inside = new AtomicInteger();
    private final AtomicInteger loops = new AtomicInteger();
    private final long[] lastOfProducer = new long[64];
    private volatile Mailbox current = new Mailbox();

    @SuppressWarnings("ThreadPriorityCheck") // the loop needs a carrier to make room
    void deliver(long number) {
      var event = new Event.Completion(number, Outcome.EMPTY, Origin.NONE);
      while (true) {
        var mailbox = current;
        var offer = mailbox.offer(event, EVENTS, EVENTS * 128L);
        switch (offer) {
          case TAKEN -> {
            return;
          }
          case TAKEN_HOLD -> {
            loops.incrementAndGet();
            Thread.ofVirtual().start(() -> run(mailbox));
            return;
          }
          case FULL, RETIRED -> Thread.yield();
        }
        if (mailbox.depth() > EVENTS) {
          wrong.add("over its bound: " + mailbox.depth());
        }
      }
    }

    private void run(Mailbox mailbox) {
      for (var event = mailbox.next(); event != null; event = mailbox.next()) {
        handle((Event.Completion) event);
      }
      loops.decrementAndGet();
    }

    private void handle(Event.Completion event) {
      if (inside.incrementAndGet() != 1) {
        wrong.add("two at the same time");
      }
      long number = event.operation();
      int producer = (int) (number / 20_000);
      // Only the holder touches this, and the mailbox hands it from one to the next.
      if (lastOfProducer[producer] > number) {
        wrong.add("out of order: " + number + " after " + lastOfProducer[producer]);
      }
      lastOfProducer[producer] = number;
      handled.incrementAndGet();
      sum.addAndGet(number);
      inside.decrementAndGet();
    }

    /** What the sweeper does to an idle actor. */
    boolean tryRetire() {
      var mailbox = current;
      if (!mailbox.tryHold()) {
        return false;
      }
      if (inside.incrementAndGet() != 1) {
        wrong.add("held while a loop runs");
      }
      boolean retired = mailbox.retire();
      inside.decrementAndGet();
      if (retired) {
        current = new Mailbox();
      } else {
        loops.incrementAndGet();
        run(mailbox);
      }
      return retired;
    }

    void awaitIdle() {
      Awaitility.await().until(() -> loops.get() == 0);
    }
  }

  private Offer offer(Event event) {
    return mailbox.offer(event, EVENTS, BYTES);
  }

  private static Event event(long operation) {
    return new Event.Completion(operation, Outcome.EMPTY, Origin.NONE);
  }

  private static Event fetch(int body) {
    return new Event.Fetch(
        new HttpRequest("GET", "/", List.of(), new byte[body]),
        new CompletableFuture<>(),
        Origin.NONE);
  }
}
