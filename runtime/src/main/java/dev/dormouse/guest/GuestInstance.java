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

  /** Bytes of linear memory and tables, as the guest sees them. */
  long memoryBytes();

  /** Bytes that it holds of what its {@link MemoryGrant} gave: room to grow included. */
  long heldBytes();

  /**
   * Makes the instance take less memory while nobody uses it: what its linear memory has in common
   * with that of other instances of the module is held once for all of them. Does nothing where
   * that would save little. The guest cannot tell; everything else of the instance stays.
   *
   * @return bytes that the node has back
   */
  long compact();

  /** Whether it must be expanded before it can be used. */
  boolean isCompact();

  /**
   * Makes a compact instance usable again, exactly as it was.
   *
   * @return whether it was compact
   * @throws dev.dormouse.fault.ResourceFault {@code overloaded}, when the node has no memory left;
   *     it stays compact then, and nothing is lost
   */
  boolean expand();

  /** Gives the memory back to its {@link MemoryGrant}. May be called more than once. */
  @Override
  void close();
}
