package dev.dormouse.guest.chicory;

import com.dylibso.chicory.runtime.Instance;
import com.dylibso.chicory.runtime.TableInstance;
import com.dylibso.chicory.wasm.types.Table;
import com.dylibso.chicory.wasm.types.TableLimits;

/**
 * A table that is paid for like memory, with limits of its own: the module's are shared by all its
 * instances, and growing would change them for the next ones.
 */
final class BoundedTable extends TableInstance {
  /** An int and a reference for each element. */
  private static final long ELEMENT_BYTES = 8;

  private final MemoryAccount account;

  private BoundedTable(Table own, int initialValue, MemoryAccount account) {
    super(own, initialValue);
    this.account = account;
  }

  static BoundedTable create(Table table, int initialValue, MemoryAccount account) {
    var limits = table.limits();
    account.open(limits.min() * ELEMENT_BYTES);
    var own =
        new Table(
            table.elementType(),
            new TableLimits(limits.min(), limits.max(), limits.shared()),
            table.initialize());
    return new BoundedTable(own, initialValue, account);
  }

  @Override
  public int grow(int delta, int value, Instance instance) {
    long more = Integer.toUnsignedLong(delta) * ELEMENT_BYTES;
    boolean fits = size() + Integer.toUnsignedLong(delta) <= limits().max();
    if (!fits || !account.mayGrow(more)) {
      account.growRefused(MemoryAccount.Refusal.LIMIT);
      return -1;
    }
    if (!account.reserve(more)) {
      account.growRefused(MemoryAccount.Refusal.NODE);
      return -1;
    }
    try {
      int before = super.grow(delta, value, instance);
      account.grown(more);
      return before;
    } catch (OutOfMemoryError _) {
      account.release(more);
      account.growRefused(MemoryAccount.Refusal.NODE);
      return -1;
    }
  }
}
