package dev.dormouse.guest.chicory;

import com.dylibso.chicory.runtime.ChicoryInterruptedException;
import com.dylibso.chicory.runtime.TrapException;
import com.dylibso.chicory.runtime.WasmException;
import com.dylibso.chicory.wasm.ChicoryException;
import com.dylibso.chicory.wasm.UninstantiableException;
import dev.dormouse.fault.Code;
import dev.dormouse.fault.Fault;
import dev.dormouse.fault.GuestFault;
import dev.dormouse.fault.GuestFault.Trap;
import dev.dormouse.fault.InternalFault;
import java.util.Objects;

/** Turns whatever comes out of guest code into the fault that it stands for. */
final class Traps {
  private Traps() {}

  /**
   * What to throw in place of what the guest threw: a {@link Fault} that a host function threw is
   * itself, and the host's own bugs stay what they were.
   */
  static RuntimeException explain(Throwable thrown, ChicoryInstance guest) {
    return switch (thrown) {
      case GuestFault fault
          when guest.account().wasRefused()
              && (fault.trap() == Trap.ABORTED || fault.trap() == Trap.UNREACHABLE) ->
          refused(fault, guest);
      case Fault fault -> fault;
      case HostCallFailed bug -> bug.failure();
      default -> trapped(thrown, guest);
    };
  }

  private static RuntimeException trapped(Throwable thrown, ChicoryInstance guest) {
    var trap = classify(thrown);
    if (trap == null) {
      return new InternalFault(
          Code.INTERNAL, "the engine failed: " + Objects.toString(thrown.getMessage()), thrown);
    }
    boolean starved =
        guest.account().wasRefused() && (trap == Trap.UNREACHABLE || trap == Trap.OUT_OF_BOUNDS);
    if (starved) {
      return refused(thrown, guest);
    }
    return new GuestFault(trap, sentence(trap, thrown), () -> guest.module().trace(thrown));
  }

  private static GuestFault refused(Throwable thrown, ChicoryInstance guest) {
    return new GuestFault(
        Trap.MEMORY_EXCEEDED,
        guest.account().refusal() == MemoryAccount.Refusal.NODE
            ? "the server had no memory left for the actor, which trapped: try again later, or"
                + " raise node.memoryBytes"
            : "the actor asked for more memory than it may have, and trapped: use less, or raise"
                + " memoryBytes",
        () -> thrown instanceof GuestFault fault ? fault.trace() : guest.module().trace(thrown));
  }

  private static String sentence(Trap trap, Throwable thrown) {
    return switch (trap) {
      case UNREACHABLE ->
          "the actor's code reached an unreachable instruction (a panic or failed assertion)";
      case BAD_TABLE_CALL ->
          "the actor's code made a bad indirect call: " + Objects.toString(thrown.getMessage());
      case OUT_OF_BOUNDS ->
          "the actor's code reached outside of its memory or table (a wrong address, or calls deeper"
              + " than its stack)";
      case ARITHMETIC ->
          "the actor's code computed what has no result: " + Objects.toString(thrown.getMessage());
      case STACK_EXHAUSTED -> "the call depth passed the limit of the engine: recurse less deeply";
      case MEMORY_EXCEEDED -> "the server could not allocate what the actor's code asked for";
      case UNCAUGHT_EXCEPTION ->
          "the actor's code threw a WebAssembly exception and nobody caught it";
      default -> "the actor's code trapped: " + Objects.toString(thrown.getMessage());
    };
  }

  private static @org.jspecify.annotations.Nullable Trap classify(Throwable thrown) {
    return switch (thrown) {
      case StackOverflowError _ -> Trap.STACK_EXHAUSTED;
      case OutOfMemoryError _ -> Trap.MEMORY_EXCEEDED;
      case WasmException _ -> Trap.UNCAUGHT_EXCEPTION;
      case IndexOutOfBoundsException _, NegativeArraySizeException _ -> Trap.OUT_OF_BOUNDS;
      case ArithmeticException _ -> Trap.ARITHMETIC;
      case ChicoryInterruptedException _ -> null;
      case UninstantiableException e when e.getCause() instanceof ChicoryException cause ->
          classify(cause);
      case ChicoryException e -> byMessage(Objects.toString(e.getMessage(), ""), e);
      default -> null;
    };
  }

  /** Chicory tells most traps apart by their text alone. */
  private static Trap byMessage(String message, ChicoryException thrown) {
    if (message.startsWith("Trapped on unreachable")) {
      return Trap.UNREACHABLE;
    }
    if (message.startsWith("integer ") || message.startsWith("invalid conversion")) {
      return Trap.ARITHMETIC;
    }
    if (message.startsWith("call stack exhausted")) {
      return Trap.STACK_EXHAUSTED;
    }
    if (message.startsWith("undefined element")
        || message.startsWith("uninitialized element")
        || message.startsWith("indirect call type mismatch")
        || message.startsWith("unknown function")
        || message.contains("null function reference")) {
      return Trap.BAD_TABLE_CALL;
    }
    return message.contains("out of bounds") || !(thrown instanceof TrapException)
        ? Trap.OUT_OF_BOUNDS
        : Trap.UNREACHABLE;
  }
}
