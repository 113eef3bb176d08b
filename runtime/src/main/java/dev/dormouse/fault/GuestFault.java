package dev.dormouse.fault;

import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** The guest's code failed or took more than it was given: its turn is thrown away. */
public final class GuestFault extends Fault {
  private static final long serialVersionUID = 1L;

  /** What stopped the guest; finer than the code. */
  public enum Trap {
    OUT_OF_FUEL(Code.OUT_OF_FUEL),
    MEMORY_EXCEEDED(Code.MEMORY_EXCEEDED),
    STACK_EXHAUSTED(Code.STACK_EXHAUSTED),
    WALL_TIME(Code.TIMEOUT),
    UNREACHABLE(Code.ACTOR_TRAPPED),
    /** An indirect call through a missing or wrongly typed table element. */
    BAD_TABLE_CALL(Code.ACTOR_TRAPPED),
    /** The guest itself reached outside its memory or table. */
    OUT_OF_BOUNDS(Code.ACTOR_TRAPPED),
    /** Division by zero, integer overflow, invalid conversion. */
    ARITHMETIC(Code.ACTOR_TRAPPED),
    /** An import was given a pointer, length, string or list that is not in the guest's memory. */
    BAD_POINTER(Code.ACTOR_TRAPPED),
    /** The guest ended itself, or called an import in a way that the contract excludes. */
    ABORTED(Code.ACTOR_TRAPPED),
    UNCAUGHT_EXCEPTION(Code.ACTOR_TRAPPED);

    private final Code code;

    Trap(Code code) {
      this.code = code;
    }

    /** The trap as callers see it, such as {@code bad_pointer}. */
    public String wire() {
      return name().toLowerCase(java.util.Locale.ROOT);
    }
  }

  private final Trap trap;
  private final transient @Nullable Supplier<String> trace;

  public GuestFault(Trap trap, String message) {
    this(trap, message, null);
  }

  /**
   * @param trace finds the guest's call stack, when somebody asks for it
   */
  public GuestFault(Trap trap, String message, @Nullable Supplier<String> trace) {
    super(trap.code, Category.GUEST, message, null, false);
    this.trap = trap;
    this.trace = trace;
  }

  public Trap trap() {
    return trap;
  }

  /**
   * The guest's innermost functions, innermost first, with commas between; empty where unknown. For
   * logs: finding it costs more than the fault itself.
   */
  public String trace() {
    return trace == null ? "" : trace.get();
  }
}
