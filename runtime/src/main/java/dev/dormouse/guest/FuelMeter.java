package dev.dormouse.guest;

import dev.dormouse.fault.Fault;
import dev.dormouse.fault.GuestFault;
import dev.dormouse.fault.GuestFault.Trap;
import dev.dormouse.time.TimeSource;
import org.jspecify.annotations.Nullable;

/**
 * The budgets of one instance's current turn: fuel, call depth and wall-clock time.
 *
 * <p>The guest is given its fuel in slices. Metered code counts a slice down in a global and calls
 * {@link #refill} when it is below zero; that is where the turn lets others run, where its wall
 * time is looked at, and where it ends when the budget is spent. Slices change in size with the
 * speed of the machine, but what a turn has used at any check is the same number on every run, so a
 * turn that runs out of fuel does so at the same instruction each time.
 *
 * <p>Confined to the thread of the turn, except for {@link #requestStop}.
 */
public final class FuelMeter {
  /** How long a slice should take; short turns end well inside the first. */
  private static final long SLICE_NANOS = 1_000_000;

  private static final int FIRST_SLICE = 200_000;
  private static final int SMALLEST_SLICE = 10_000;
  private static final int LARGEST_SLICE = 50_000_000;

  private final TurnPacer pacer;
  private final TimeSource time;
  private @Nullable Counters counters;

  private long budget;
  private long given;
  private int stackBudget;
  private long deadlineNanos;
  private long sliceStartNanos;
  private int slice = FIRST_SLICE;
  private boolean holdsPlace;
  private volatile @Nullable Fault stop;

  public FuelMeter(TurnPacer pacer, TimeSource time) {
    this.pacer = pacer;
    this.time = time;
  }

  /** The two globals of a metered instance. */
  public interface Counters {
    int fuel();

    void fuel(int left);

    void stack(int left);
  }

  /**
   * Ties the meter to the instance that it measures. The engine calls it once, before any code
   * runs.
   */
  public void bind(Counters instance) {
    counters = instance;
    handOut(0);
    instance.stack(stackBudget);
  }

  /**
   * Starts a turn.
   *
   * @param fuel units that the turn may use
   * @param stackBytes call depth that it may use
   * @param deadlineNanos when its wall time ends, by {@link TimeSource#nanos}
   */
  public void begin(long fuel, int stackBytes, long deadlineNanos) {
    budget = fuel;
    given = 0;
    stackBudget = stackBytes;
    this.deadlineNanos = deadlineNanos;
    stop = null;
    sliceStartNanos = time.nanos();
    if (counters != null) {
      handOut(0);
      counters.stack(stackBytes);
    }
  }

  /** Ends a turn and lets its place go. To be called however the turn ended. */
  public void end() {
    if (holdsPlace) {
      holdsPlace = false;
      pacer.leave();
    }
  }

  /** Units that the current turn has used so far. */
  public long used() {
    return counters == null ? 0 : given - counters.fuel();
  }

  /**
   * Charges a host call to the turn.
   *
   * @throws GuestFault when the budget is spent
   */
  public void charge(long units) {
    var guest = counters;
    if (guest == null) {
      return;
    }
    long left = guest.fuel() - units;
    if (left >= 0) {
      guest.fuel((int) left);
    } else {
      nextSlice(given - left);
    }
  }

  /** Metered code has spent its slice. */
  public void refill() {
    nextSlice(used());
  }

  /** The fault of metered code that has gone deeper than it may, for the engine to throw. */
  public GuestFault overflow() {
    return new GuestFault(
        Trap.STACK_EXHAUSTED,
        "the call depth passed its limit of " + stackBudget + " stack bytes: recurse less deeply");
  }

  /** Makes the turn end with a fault at its next slice. May be called from any thread. */
  public void requestStop(Fault fault) {
    stop = fault;
  }

  private void nextSlice(long used) {
    if (used > budget) {
      throw new GuestFault(
          Trap.OUT_OF_FUEL,
          "the turn used up its "
              + budget
              + " units of fuel: do less in one turn, or raise fuelPerTurn");
    }
    long now = time.nanos();
    var stopping = stop;
    if (stopping != null) {
      throw stopping;
    }
    if (now - deadlineNanos > 0) {
      throw new GuestFault(Trap.WALL_TIME, "the turn took longer than its wall-clock limit");
    }
    adapt(now - sliceStartNanos);
    holdsPlace = pacer.nextSlice(holdsPlace);
    sliceStartNanos = time.nanos();
    handOut(used);
  }

  /** Makes the next slice take about {@link #SLICE_NANOS}. */
  private void adapt(long tookNanos) {
    if (tookNanos > 2 * SLICE_NANOS) {
      slice = Math.max(SMALLEST_SLICE, slice / 2);
    } else if (tookNanos < SLICE_NANOS / 2) {
      slice = Math.min(LARGEST_SLICE, slice * 2);
    }
  }

  private void handOut(long used) {
    given = Math.min(budget, used + slice);
    if (counters != null) {
      counters.fuel((int) (given - used));
    }
  }
}
