package dev.dormouse.guest.chicory;

import com.dylibso.chicory.runtime.GlobalInstance;
import com.dylibso.chicory.wasm.types.MutabilityType;
import com.dylibso.chicory.wasm.types.ValType;
import com.dylibso.chicory.wasm.types.Value;

/**
 * A global of a number as Chicory's interpreter sees it: its value is where compiled code has it.
 */
final class MemoryGlobal extends GlobalInstance {
  /** What a global holds. */
  enum Role {
    GUESTS,
    FUEL,
    STACK
  }

  private final LinearMemory memory;
  private final int index;
  private final Role role;

  MemoryGlobal(
      LinearMemory memory,
      int index,
      Role role,
      long initial,
      ValType type,
      MutabilityType mutability) {
    super(initial, 0, type, mutability);
    this.memory = memory;
    this.index = index;
    this.role = role;
    setValue(initial);
  }

  @Override
  public long getValue() {
    return switch (role) {
      case GUESTS -> LinearMemory.global(index, memory);
      case FUEL -> memory.fuel;
      case STACK -> memory.stack;
    };
  }

  @Override
  public long getValueLow() {
    return getValue();
  }

  @Override
  public void setValue(long value) {
    switch (role) {
      case GUESTS -> LinearMemory.global(value, index, memory);
      case FUEL -> memory.fuel = (int) value;
      case STACK -> memory.stack = (int) value;
    }
  }

  @Override
  public void setValueLow(long value) {
    setValue(value);
  }

  @Override
  public void setValue(Value value) {
    setValue(value.raw());
  }
}
