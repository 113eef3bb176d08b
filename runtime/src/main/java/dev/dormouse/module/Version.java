package dev.dormouse.module;

import dev.dormouse.guest.GuestModule;
import dev.dormouse.limits.Limits;
import java.util.Map;
import java.util.Set;
import java.util.SortedSet;

/**
 * A version of a namespace's module, ready to run. Safe for use by many threads; the maps and sets
 * cannot be changed. Two versions are the same only if they are the same object.
 *
 * @param number 1 for the first module of the namespace, then 2, 3, …
 * @param sha256 of the bytes that were uploaded, in hexadecimal
 * @param size of the bytes that were uploaded
 * @param limits the server's for this namespace, lowered by the app's manifest
 * @param env the manifest's values, and over them the server's
 * @param sections the module's custom sections by name, without debugging information; their bytes
 *     are not to be changed
 * @param gateway whether gateways answer the public in front of the actors
 * @param egress the origins that the app may reach, as its manifest lists them
 * @param exports the functions of the guest contract that the module exports
 * @param deployedMillis when it was put, in Unix time
 */
public record Version(
    int number,
    String sha256,
    long size,
    GuestModule module,
    Limits limits,
    Map<String, String> env,
    Map<String, byte[]> sections,
    boolean gateway,
    Set<String> egress,
    SortedSet<String> exports,
    long deployedMillis) {

  @Override
  public boolean equals(Object other) {
    return this == other;
  }

  @Override
  public int hashCode() {
    return System.identityHashCode(this);
  }
}
