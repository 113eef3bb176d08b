package dev.dormouse.guest.chicory;

import com.dylibso.chicory.runtime.GlobalInstance;
import com.dylibso.chicory.runtime.Instance;
import com.dylibso.chicory.runtime.Machine;
import com.dylibso.chicory.wasm.types.MemoryLimits;
import com.dylibso.chicory.wasm.types.MutabilityType;
import com.dylibso.chicory.wasm.types.ValType;
import dev.dormouse.guest.FuelMeter;
import dev.dormouse.guest.GuestInstance;
import dev.dormouse.guest.GuestMemory;
import dev.dormouse.guest.MemoryGrant;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** One instance on Chicory. */
final class ChicoryInstance implements GuestInstance {
  private final ChicoryModule module;
  private final MemoryAccount account;
  private final FuelMeter meter;
  private final Object attachment;
  private final long[] hostResult = new long[1];
  private int globalsMade;
  private int depth;
  private boolean failed;
  private @Nullable GlobalInstance fuel;
  private @Nullable GlobalInstance stack;
  private @Nullable Machine machine;
  private @Nullable LinearMemory first;
  private @Nullable LinearMemory exported;
  private @Nullable GuestMemory memory;

  private ChicoryInstance(
      ChicoryModule module, MemoryGrant grant, FuelMeter meter, Object attachment) {
    this.module = module;
    this.account = new MemoryAccount(grant);
    this.meter = meter;
    this.attachment = attachment;
  }

  /** Makes an instance and runs its initialisers; gives everything back when one fails. */
  static ChicoryInstance start(
      ChicoryModule module, MemoryGrant grant, FuelMeter meter, Object attachment) {
    var guest = new ChicoryInstance(module, grant, meter, attachment);
    try {
      guest.build();
      return guest;
    } catch (Throwable e) {
      guest.failed = true;
      guest.close();
      throw Traps.explain(e, guest);
    }
  }

  private void build() {
    depth = 1;
    Instance.builder(module.wasm())
        .withImportValues(module.imports())
        .withMachineFactory(this::machine)
        .withMemoryFactory(this::memory)
        .withTableFactory((table, initial) -> BoundedTable.create(table, initial, account))
        .withGlobalFactory(this::global)
        .withStart(false)
        .build();
    int initializer = module.initializer();
    if (initializer >= 0) {
      Objects.requireNonNull(machine).call(initializer, new long[0]);
    }
    depth = 0;
  }

  private Machine machine(Instance instance) {
    machine = module.code().machine(instance);
    int index = module.exportedMemory();
    exported = index < 0 ? null : (LinearMemory) instance.memory(index);
    memory = new GuestView(exported);
    return new GuestMachine(this, machine);
  }

  private LinearMemory memory(MemoryLimits limits) {
    int initial = limits.initialPages();
    if (first != null) {
      return new LinearMemory(limits, account, module.segmentData(), 0, initial);
    }
    var made =
        new LinearMemory(
            limits,
            account,
            module.segmentData(),
            module.globals(),
            module.usualSize().pages(initial));
    first = made;
    return made;
  }

  /**
   * Globals come into being in order and before any code runs, so here is where the meter can be
   * tied to the instance in time for its start section.
   */
  private GlobalInstance global(long low, long high, ValType type, MutabilityType mutability) {
    int index = globalsMade++;
    var role = module.role(index);
    var global =
        first == null || type.isReference() || type.equals(ValType.V128)
            ? new GlobalInstance(low, high, type, mutability)
            : new MemoryGlobal(first, index, role, low, type, mutability);
    switch (role) {
      case GUESTS -> {
        return global;
      }
      case FUEL -> fuel = global;
      case STACK -> stack = global;
    }
    if (fuel != null && stack != null) {
      meter.bind(first == null ? new Counters(fuel, stack) : first);
    }
    return global;
  }

  /** The meter's globals in a module without memory. */
  private record Counters(GlobalInstance fuelLeft, GlobalInstance stackLeft)
      implements FuelMeter.Counters {
    @Override
    public int fuel() {
      return (int) fuelLeft.getValue();
    }

    @Override
    public void fuel(int left) {
      fuelLeft.setValue(left);
    }

    @Override
    public void stack(int left) {
      stackLeft.setValue(left);
    }
  }

  @Override
  public long call(String export, long... arguments) {
    var function = module.function(export);
    if (arguments.length != function.parameters()) {
      throw new IllegalArgumentException(
          export + " takes " + function.parameters() + " arguments, not " + arguments.length);
    }
    requireExpanded();
    if (depth++ == 0) {
      account.forgetRefusal();
    }
    try {
      var results = Objects.requireNonNull(machine).call(function.index(), arguments);
      return function.result(results);
    } catch (Throwable e) {
      failed = true;
      throw Traps.explain(e, this);
    } finally {
      depth--;
    }
  }

  /** The one result of a host function; compiled code takes it out at once. */
  long[] hostResult(long value) {
    hostResult[0] = value;
    return hostResult;
  }

  @Override
  public boolean exports(String name) {
    return module.exports().contains(name);
  }

  @Override
  public GuestMemory memory() {
    requireExpanded();
    return Objects.requireNonNull(memory);
  }

  @Override
  public FuelMeter meter() {
    return meter;
  }

  @Override
  public Object attachment() {
    return attachment;
  }

  @Override
  public long memoryBytes() {
    return account.guestBytes();
  }

  @Override
  public long heldBytes() {
    return account.reservedBytes();
  }

  @Override
  public boolean isCompact() {
    return first != null && first.isFolded();
  }

  @Override
  public long compact() {
    if (first == null || first.isFolded()) {
      return 0;
    }
    tellSize(first);
    return first.fold(module.shelf());
  }

  @Override
  public boolean expand() {
    if (!isCompact()) {
      return false;
    }
    Objects.requireNonNull(first).unfold();
    return true;
  }

  private void tellSize(LinearMemory memory) {
    module.usualSize().seen(memory.initialPages(), memory.pages());
  }

  private void requireExpanded() {
    if (isCompact()) {
      throw new IllegalStateException("the instance is compact: expand it before it is used");
    }
  }

  MemoryAccount account() {
    return account;
  }

  ChicoryModule module() {
    return module;
  }

  @Override
  public void close() {
    if (first != null) {
      if (!failed && !first.isFolded()) {
        tellSize(first);
      }
      first.discard();
    }
    account.close();
  }
}
