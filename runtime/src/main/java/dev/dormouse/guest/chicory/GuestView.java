package dev.dormouse.guest.chicory;

import dev.dormouse.fault.GuestFault;
import dev.dormouse.fault.GuestFault.Trap;
import dev.dormouse.guest.GuestMemory;
import org.jspecify.annotations.Nullable;

/** A guest's memory as the host sees it: an address outside is the guest's mistake. */
final class GuestView implements GuestMemory {
  private final @Nullable LinearMemory memory;

  /**
   * @param memory null where the guest exports none
   */
  GuestView(@Nullable LinearMemory memory) {
    this.memory = memory;
  }

  @Override
  public byte[] read(int address, int length) {
    return at(address, length).readBytes(address, length);
  }

  @Override
  public byte readByte(int address) {
    return at(address, Byte.BYTES).read(address);
  }

  @Override
  public int readInt(int address) {
    return at(address, Integer.BYTES).readInt(address);
  }

  @Override
  public void write(int address, byte[] bytes) {
    at(address, bytes.length).write(address, bytes, 0, bytes.length);
  }

  @Override
  public void writeByte(int address, byte value) {
    at(address, Byte.BYTES).writeByte(address, value);
  }

  @Override
  public void writeShort(int address, short value) {
    at(address, Short.BYTES).writeShort(address, value);
  }

  @Override
  public void writeInt(int address, int value) {
    at(address, Integer.BYTES).writeI32(address, value);
  }

  @Override
  public void writeLong(int address, long value) {
    at(address, Long.BYTES).writeLong(address, value);
  }

  @Override
  public long size() {
    return memory == null ? 0 : memory.size();
  }

  private LinearMemory at(int address, int length) {
    long end = Integer.toUnsignedLong(address) + Integer.toUnsignedLong(length);
    if (memory == null || end > memory.size()) {
      throw new GuestFault(
          Trap.BAD_POINTER,
          "pointer 0x"
              + Integer.toHexString(address)
              + " with length "
              + Integer.toUnsignedString(length)
              + " is outside of the memory of "
              + size()
              + " bytes");
    }
    return memory;
  }
}
