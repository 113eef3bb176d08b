package dev.dormouse.guest;

import dev.dormouse.abi.FlatSignature;

/**
 * A function that guests may import.
 *
 * @param module import module, such as {@code dormouse:host/storage@0.1.0}
 * @param name import name
 * @param signature its flat type, with at most one result
 * @param call what it does
 */
public record HostFunction(String module, String name, FlatSignature signature, Call call) {

  /** What an import does when the guest calls it, on the thread of the turn. */
  @FunctionalInterface
  public interface Call {
    /**
     * @param caller the instance that called; {@link GuestInstance#attachment} leads to its turn
     * @param arguments i32 values sign-extended into longs; valid during the call only
     * @return the result, or anything where there is none
     * @throws dev.dormouse.fault.Fault to end the turn
     */
    long call(GuestInstance caller, long[] arguments);
  }
}
