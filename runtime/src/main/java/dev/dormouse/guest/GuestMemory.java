package dev.dormouse.guest;

/**
 * The linear memory of an instance, as the host sees it. Every access is checked; one that reaches
 * outside throws a {@link dev.dormouse.fault.GuestFault} of {@code BAD_POINTER}. Addresses and
 * lengths are the guest's, so they are unsigned 32-bit values in an int.
 */
public interface GuestMemory {
  /** A copy. */
  byte[] read(int address, int length);

  byte readByte(int address);

  int readInt(int address);

  void write(int address, byte[] bytes);

  void writeByte(int address, byte value);

  void writeShort(int address, short value);

  void writeInt(int address, int value);

  void writeLong(int address, long value);

  /** Size in bytes. */
  long size();
}
