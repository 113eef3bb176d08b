package dev.dormouse.guest.chicory;

import dev.dormouse.fault.Code;
import dev.dormouse.fault.GuestFault;
import dev.dormouse.fault.GuestFault.Trap;
import dev.dormouse.fault.ResourceFault;
import dev.dormouse.guest.MemoryGrant;

/**
 * What one instance's memories and tables take. The guest's own limit counts what the guest sees;
 * the node's budget counts what is really held, room to grow into included.
 */
final class MemoryAccount {
  private final MemoryGrant grant;
  private long guestBytes;
  private long reservedBytes;
  private Refusal refusal = Refusal.NONE;
  private boolean closed;

  MemoryAccount(MemoryGrant grant) {
    this.grant = grant;
  }

  /** Takes the first bytes of a memory or table, or throws. */
  void open(long bytes) {
    if (!mayGrow(bytes)) {
      throw new GuestFault(
          Trap.MEMORY_EXCEEDED,
          "the module starts with "
              + (guestBytes + bytes)
              + " bytes of memory, and may have "
              + grant.limitBytes()
              + ": build it with less initial memory, or raise memoryBytes");
    }
    if (!reserve(bytes)) {
      throw new ResourceFault(
          Code.OVERLOADED, "the node has no memory left for another actor: try again later");
    }
    grown(bytes);
  }

  /**
   * The same, with room to grow where there is enough of it.
   *
   * @return the room that it got
   */
  int open(int bytes, int room) {
    long both = (long) bytes + room;
    if (room > 0 && mayGrow(both) && reserve(both)) {
      grown(bytes);
      return room;
    }
    open(bytes);
    return 0;
  }

  /** Whether the guest's own limit has room. */
  boolean mayGrow(long bytes) {
    return bytes >= 0 && guestBytes + bytes <= grant.limitBytes();
  }

  boolean reserve(long bytes) {
    if (closed || !grant.reserve(bytes)) {
      return false;
    }
    reservedBytes += bytes;
    return true;
  }

  void release(long bytes) {
    reservedBytes -= bytes;
    grant.release(bytes);
  }

  /** Who pays. */
  MemoryGrant payer() {
    return grant;
  }

  /** So many of the reserved bytes are another's from now on, who gives them back to the payer. */
  void handOver(long bytes) {
    reservedBytes -= bytes;
  }

  /** The opposite: what another has reserved and not given back is paid here. */
  void takeOver(long bytes) {
    reservedBytes += bytes;
  }

  void grown(long bytes) {
    guestBytes += bytes;
  }

  /** What kept a guest from growing. */
  enum Refusal {
    NONE,
    /** Its own limit, or that of its memory or table. */
    LIMIT,
    /** The node had no memory for it. */
    NODE
  }

  /** A guest that was refused memory tends to trap a little later; this tells why. */
  void growRefused(Refusal by) {
    refusal = by;
  }

  Refusal refusal() {
    return refusal;
  }

  boolean wasRefused() {
    return refusal != Refusal.NONE;
  }

  void forgetRefusal() {
    refusal = Refusal.NONE;
  }

  long guestBytes() {
    return guestBytes;
  }

  long reservedBytes() {
    return reservedBytes;
  }

  void close() {
    if (!closed) {
      closed = true;
      grant.release(reservedBytes);
      reservedBytes = 0;
    }
  }
}
