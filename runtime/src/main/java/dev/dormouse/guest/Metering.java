package dev.dormouse.guest;

/**
 * The agreement between the rewriter and the engine: what a metered module holds beside its own
 * code. Guests cannot name any of it: a module that imports or exports a name that starts with
 * {@link #RESERVED} is refused.
 *
 * <p>Metered code keeps two mutable i32 globals. {@link #FUEL_GLOBAL} is what is left of the slice;
 * code subtracts from it and calls {@link #REFILL_IMPORT} when it is below zero. {@link
 * #STACK_GLOBAL} is what is left of the call-depth budget, in stack bytes; code that finds it below
 * zero calls {@link #OVERFLOW_IMPORT}, which does not return. Both globals are exported, so that
 * the host can read and set them between and during calls.
 */
public final class Metering {
  public static final String RESERVED = "dormouse:meter";
  public static final String FUEL_GLOBAL = "dormouse:meter/fuel";
  public static final String STACK_GLOBAL = "dormouse:meter/stack";

  /** Import module of the two functions below; both are of type {@code () -> ()}. */
  public static final String IMPORT_MODULE = "dormouse:meter";

  public static final String REFILL_IMPORT = "refill";
  public static final String OVERFLOW_IMPORT = "overflow";

  /**
   * A mutable i32 global that a module may define, export under this name, and read: the meter
   * keeps in it what is left of the call-depth budget, so that code can refuse to recurse before
   * the turn ends for it. A module that writes it is refused.
   */
  public static final String STACK_LEFT_EXPORT = "dormouse:stack-left";

  private Metering() {}
}
