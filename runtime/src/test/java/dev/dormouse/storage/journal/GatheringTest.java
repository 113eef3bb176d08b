package dev.dormouse.storage.journal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class GatheringTest {
  private final Gathering gathering = new Gathering();

  /** So many clients, each of which waits for its answer before it goes on. */
  private int batchesInVain(int clients, int batches) {
    int inVain = 0;
    for (int i = 0; i < batches; i++) {
      inVain += clients < gathering.wanted() ? 1 : 0;
      gathering.took(clients);
    }
    return inVain;
  }

  @Test
  void aSingleClientWaitsForNobody() {
    assertEquals(0, batchesInVain(1, 10_000));
    assertEquals(1, gathering.wanted());
  }

  @Test
  void aBatchIsHeldBackUntilAsManyHaveComeAsCommit() {
    batchesInVain(5, 1_000);
    assertTrue(gathering.wanted() >= 5, "it waits for " + gathering.wanted());
  }

  @Test
  void oneMoreThanThereAreIsWaitedForSeldom() {
    batchesInVain(5, 1_000);
    assertTrue(batchesInVain(5, 1_280) <= 20);
  }

  @Test
  void aClientThatIsLeftAloneWaitsAFewTimesOnly() {
    batchesInVain(50, 1_000);
    assertEquals(Gathering.MOST, gathering.wanted());
    assertTrue(batchesInVain(1, 1_000) < 10);
    assertEquals(1, gathering.wanted());
  }

  @Test
  void batchesThatAreLargeAnywayAreNotHeldBack() {
    assertEquals(0, batchesInVain(Gathering.MOST, 10_000));
  }
}
