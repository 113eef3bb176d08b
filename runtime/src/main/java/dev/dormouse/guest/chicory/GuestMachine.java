package dev.dormouse.guest.chicory;

import com.dylibso.chicory.runtime.Instance;
import com.dylibso.chicory.runtime.Machine;

/** The code of an instance, and the way from Chicory's instance to ours. */
record GuestMachine(ChicoryInstance guest, Machine code) implements Machine {

  static ChicoryInstance guestOf(Instance instance) {
    return ((GuestMachine) instance.getMachine()).guest;
  }

  @Override
  public long[] call(int function, long[] arguments) {
    return code.call(function, arguments);
  }
}
