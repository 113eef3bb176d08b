package dev.dormouse.guest;

import java.util.List;
import java.util.Set;

/** A compiled and linked module. Safe for use by many threads. */
public interface GuestModule {

  /** The functions that it exports, by name. */
  Set<String> exports();

  /** What its author should know: functions that cannot be compiled and so run very slowly. */
  default List<String> warnings() {
    return List.of();
  }

  /**
   * Makes a fresh instance and runs its initialisers (data segments, the start section, an exported
   * {@code _initialize}) inside the meter, whose turn must have begun.
   *
   * @param attachment what {@link GuestInstance#attachment} answers, from the first import call on
   * @throws dev.dormouse.fault.GuestFault when an initialiser traps or takes more than it was given
   * @throws dev.dormouse.fault.ResourceFault {@code overloaded}, when the node has no memory left
   */
  GuestInstance instantiate(MemoryGrant memory, FuelMeter meter, Object attachment);
}
