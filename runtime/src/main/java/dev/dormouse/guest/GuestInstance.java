package dev.dormouse.guest;

/**
 * One instance: a linear memory, globals and tables of its own. Confined to one thread at a time.
 * After any call has thrown, the instance must be discarded.
 */
public interface GuestInstance extends AutoCloseable {

  /**
   * Calls an exported function.
   *
   * @return its result, i32 zero-extended; 0 where it has none
   * @throws dev.dormouse.fault.Fault when the guest trapped, took more than it was given, or a host
   *     function ended the turn
   */
  long call(String export, long... arguments);

  boolean exports(String name);

  GuestMemory memory();

  /** The meter that this instance was made with. */
  FuelMeter meter();

  /** What the instance was made with. */
  Object attachment();

  /** Bytes of linear memory and tables. */
  long memoryBytes();

  /** Gives the memory back to its {@link MemoryGrant}. May be called more than once. */
  @Override
  void close();
}
