package dev.dormouse.actor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dormouse.fault.Code;
import dev.dormouse.fault.Fault;
import dev.dormouse.fault.InternalFault;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class OutputGateTest {
  private final List<Fault> broken = new ArrayList<>();
  private final OutputGate gate = new OutputGate(broken::add);

  @Test
  void aTurnThatWroteNothingPassesAtOnceWhenNothingIsHeld() {
    var reply = new CompletableFuture<String>();
    gate.pass(List.of(new Effect.Answer<>(reply, "yes")), null);
    assertEquals("yes", reply.getNow("no"));
  }

  @Test
  void whatATurnSaysWaitsUntilItsWritesAreDurable() {
    var reply = new CompletableFuture<String>();
    var durable = new CompletableFuture<Void>();
    gate.pass(List.of(new Effect.Answer<>(reply, "yes")), durable);
    assertFalse(reply.isDone());
    durable.complete(null);
    assertEquals("yes", reply.getNow("no"));
    assertTrue(gate.isEmpty());
  }

  @Test
  void aReadWaitsBehindTheWriteThatItMayHaveSeen() {
    var read = new CompletableFuture<String>();
    var durable = new CompletableFuture<Void>();
    gate.pass(List.of(), durable);
    gate.pass(List.of(new Effect.Answer<>(read, "seen")), null);
    assertFalse(read.isDone());
    durable.complete(null);
    assertTrue(read.isDone());
  }

  @Test
  void turnsAreLetOutInTheirOrderWhateverTheOrderOfTheirCommits() {
    var order = new ArrayList<String>();
    var first = new CompletableFuture<Void>();
    var second = new CompletableFuture<Void>();
    gate.pass(List.of(answer("first", order)), first);
    gate.pass(List.of(answer("second", order)), second);
    second.complete(null);
    assertEquals(List.of(), order);
    first.complete(null);
    assertEquals(List.of("first", "second"), order);
  }

  @Test
  void aFailedCommitFailsItsOwnTurnAndEveryLaterOne() {
    var earlier = new CompletableFuture<String>();
    var failed = new CompletableFuture<String>();
    var later = new CompletableFuture<String>();
    var latest = new CompletableFuture<String>();
    var good = new CompletableFuture<Void>();
    var bad = new CompletableFuture<Void>();
    gate.pass(List.of(new Effect.Answer<>(earlier, "e")), good);
    gate.pass(List.of(new Effect.Answer<>(failed, "f")), bad);
    gate.pass(List.of(new Effect.Answer<>(later, "l")), null);
    good.complete(null);
    bad.completeExceptionally(new InternalFault(Code.STORAGE_FAILED, "the disk is gone", null));
    gate.pass(List.of(new Effect.Answer<>(latest, "x")), null);
    assertEquals("e", earlier.getNow("no"));
    assertTrue(failed.isCompletedExceptionally());
    assertTrue(later.isCompletedExceptionally());
    assertTrue(latest.isCompletedExceptionally());
    assertEquals(1, broken.size());
    assertNotNull(gate.broken());
    assertEquals(Code.STORAGE_FAILED, gate.broken().code());
  }

  private static Effect answer(String name, List<String> order) {
    var waiting = new CompletableFuture<String>();
    var _ = waiting.thenAccept(order::add);
    return new Effect.Answer<>(waiting, name);
  }
}
