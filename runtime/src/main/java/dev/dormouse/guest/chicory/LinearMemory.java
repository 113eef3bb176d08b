package dev.dormouse.guest.chicory;

import com.dylibso.chicory.runtime.ConstantEvaluators;
import com.dylibso.chicory.runtime.Instance;
import com.dylibso.chicory.runtime.Memory;
import com.dylibso.chicory.runtime.WasmRuntimeException;
import com.dylibso.chicory.wasm.UninstantiableException;
import com.dylibso.chicory.wasm.types.ActiveDataSegment;
import com.dylibso.chicory.wasm.types.DataSegment;
import com.dylibso.chicory.wasm.types.MemoryLimits;
import com.dylibso.chicory.wasm.types.PassiveDataSegment;
import dev.dormouse.fault.Code;
import dev.dormouse.fault.ResourceFault;
import dev.dormouse.guest.FuelMeter;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A guest's linear memory, and its globals. The memory is one array, so that an access is one
 * bounds check and one load. What lies in the array beyond the guest's size is room to grow into,
 * paid for but out of the guest's reach.
 *
 * <p>While the memory rests it may be folded: then the array is given up, and only what tells it
 * from a pattern is kept. Nobody may access a folded memory before it is unfolded.
 *
 * <p>Accesses outside throw {@link IndexOutOfBoundsException}, which {@link Traps} knows. The class
 * is public for compiled guest code, which lives in packages and loaders of its own; nobody else
 * uses it outside of this package.
 */
public final class LinearMemory implements Memory, FuelMeter.Counters {
  private static final VarHandle SHORTS =
      MethodHandles.byteArrayViewVarHandle(short[].class, ByteOrder.LITTLE_ENDIAN);
  private static final VarHandle INTS =
      MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);
  private static final VarHandle LONGS =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
  private static final VarHandle FLOATS =
      MethodHandles.byteArrayViewVarHandle(float[].class, ByteOrder.LITTLE_ENDIAN);
  private static final VarHandle DOUBLES =
      MethodHandles.byteArrayViewVarHandle(double[].class, ByteOrder.LITTLE_ENDIAN);

  /**
   * The part of the array that is added as room when it is replaced. Little, since every awake
   * actor holds its room, and enough that all copying costs a few times the memory.
   */
  private static final int ROOM_PART = 8;

  /** Up to here a copy costs less than the room would. */
  private static final int SHORT_PAGES = 32;

  /**
   * Longer arrays are left as they are: folding takes its time, and nothing else runs meanwhile.
   */
  private static final int LONGEST_FOLDED = 16 << 20;

  private static final byte[] NONE = new byte[0];

  /** What is left of the fuel slice: the global of the meter. */
  public int fuel;

  /** What is left of the call depth: the other global of the meter. */
  public int stack;

  private final long[] globals;
  private final MemoryLimits limits;
  private final MemoryAccount account;
  private final SegmentData segmentData;
  private byte[] bytes;

  /** The guest's size in bytes; at most the length of the array. */
  private int size;

  private DataSegment[] segments = new DataSegment[0];
  private @Nullable Folded folded;

  /**
   * @param globals how many the module defines
   * @param usualPages to which such memories soon grow
   */
  LinearMemory(
      MemoryLimits limits,
      MemoryAccount account,
      SegmentData segmentData,
      int globals,
      int usualPages) {
    this.segmentData = segmentData;
    this.limits = limits;
    this.account = account;
    this.globals = new long[globals];
    size = limits.initialPages() * PAGE_SIZE;
    int room = Math.min(usualPages, maximumPages()) * PAGE_SIZE - size;
    bytes = new byte[size + account.open(size, room)];
  }

  /** For compiled code: reads a global that is not the meter's. */
  public static long global(int index, LinearMemory memory) {
    return memory.globals[index];
  }

  /** For compiled code: writes a global that is not the meter's. */
  public static void global(long value, int index, LinearMemory memory) {
    memory.globals[index] = value;
  }

  /**
   * For compiled code: the sum of two unsigned numbers, or a negative one where it is too large.
   */
  public static int address(int base, int offset) {
    return (base | offset) < 0 ? -1 : base + offset;
  }

  @Override
  public int fuel() {
    return fuel;
  }

  @Override
  public void fuel(int left) {
    fuel = left;
  }

  @Override
  public void stack(int left) {
    stack = left;
  }

  int size() {
    return size;
  }

  @Override
  public int pages() {
    return size / PAGE_SIZE;
  }

  @Override
  public int grow(int delta) {
    int before = pages();
    long wanted = before + Integer.toUnsignedLong(delta);
    if (wanted > maximumPages() || !account.mayGrow(Integer.toUnsignedLong(delta) * PAGE_SIZE)) {
      account.growRefused(MemoryAccount.Refusal.LIMIT);
      return -1;
    }
    int newSize = (int) wanted * PAGE_SIZE;
    if (newSize > bytes.length && !makeRoom((int) wanted)) {
      account.growRefused(MemoryAccount.Refusal.NODE);
      return -1;
    }
    account.grown(newSize - size);
    size = newSize;
    return before;
  }

  /**
   * Replaces the array by a longer one. The room to spare makes the cost of many small grows
   * linear; where the node has none to spare, or the array is short, which most are, it gets
   * exactly what is needed.
   */
  private boolean makeRoom(int pages) {
    int room = pages <= SHORT_PAGES ? 0 : bytes.length / PAGE_SIZE / ROOM_PART;
    int roomy = Math.min(maximumPages(), pages + room);
    return replace(roomy) || replace(pages);
  }

  private boolean replace(int pages) {
    int length = pages * PAGE_SIZE;
    long more = (long) length - bytes.length;
    if (!account.reserve(more)) {
      return false;
    }
    try {
      bytes = Arrays.copyOf(bytes, length);
      return true;
    } catch (OutOfMemoryError _) {
      account.release(more);
      return false;
    }
  }

  /** What is there in place of the array. */
  private record Folded(Pattern pattern, Fold fold) {}

  boolean isFolded() {
    return folded != null;
  }

  /**
   * Folds the memory, if that saves a quarter of it or more, or makes it the pattern that others
   * are folded against.
   *
   * @return bytes that the node has back
   */
  int fold(Pattern.Shelf shelf) {
    if (isFolded() || bytes.length == 0 || bytes.length > LONGEST_FOLDED) {
      return 0;
    }
    var founded = shelf.found(bytes, account.payer());
    if (founded != null) {
      account.handOver(bytes.length);
      folded = new Folded(founded, Fold.nothing(bytes.length));
      bytes = NONE;
      return 0;
    }
    var pattern = shelf.join();
    return pattern == null ? 0 : foldAgainst(pattern, shelf);
  }

  private int foldAgainst(Pattern pattern, Pattern.Shelf shelf) {
    int length = bytes.length;
    var fold = compare(pattern.bytes());
    shelf.compared(pattern, fold != null && fold.runs().length <= length / 4);
    if (fold == null) {
      pattern.leave();
      return 0;
    }
    folded = new Folded(pattern, fold);
    bytes = NONE;
    int freed = length - fold.runs().length;
    account.release(freed);
    return freed;
  }

  private @Nullable Fold compare(byte[] pattern) {
    try {
      return Fold.of(bytes, pattern, bytes.length - bytes.length / 4);
    } catch (OutOfMemoryError _) {
      return null;
    }
  }

  /**
   * Makes the array anew, as it was.
   *
   * @throws ResourceFault {@code overloaded}, when the node has no memory for it; then it stays
   *     folded
   */
  void unfold() {
    var rest = folded;
    if (rest == null) {
      return;
    }
    var fold = rest.fold();
    var alone = fold.length() == rest.pattern().bytes().length ? rest.pattern().take() : null;
    if (alone != null) {
      account.takeOver(alone.length);
      fold.apply(alone);
      account.release(fold.runs().length);
      bytes = alone;
    } else {
      bytes = anew(fold, rest.pattern().bytes());
      rest.pattern().leave();
    }
    folded = null;
  }

  private byte[] anew(Fold fold, byte[] pattern) {
    int more = fold.length() - fold.runs().length;
    if (!account.reserve(more)) {
      throw noRoom();
    }
    try {
      return fold.unfold(pattern);
    } catch (OutOfMemoryError _) {
      account.release(more);
      throw noRoom();
    }
  }

  private static ResourceFault noRoom() {
    return new ResourceFault(
        Code.OVERLOADED, "the node has no memory left for an actor that rested: try again later");
  }

  /** Lets go of what is shared with others; the memory is not used any more. */
  void discard() {
    var rest = folded;
    if (rest != null) {
      folded = null;
      rest.pattern().leave();
    }
  }

  @Override
  public int initialPages() {
    return limits.initialPages();
  }

  @Override
  public int maximumPages() {
    return Math.min(limits.maximumPages(), RUNTIME_MAX_PAGES);
  }

  @Override
  public boolean shared() {
    return false;
  }

  @Override
  @SuppressWarnings("removal")
  public Object lock(int address) {
    return this;
  }

  @Override
  @SuppressWarnings("removal")
  public int waitOn(int address, int expected, long timeout) {
    throw new WasmRuntimeException("expected shared memory");
  }

  @Override
  @SuppressWarnings("removal")
  public int waitOn(int address, long expected, long timeout) {
    throw new WasmRuntimeException("expected shared memory");
  }

  @Override
  @SuppressWarnings("removal")
  public int notify(int address, int maxThreads) {
    check(address, Integer.BYTES);
    return 0;
  }

  @Override
  public void initialize(Instance instance, DataSegment[] dataSegments) {
    initialize(instance, dataSegments, 0);
  }

  @Override
  public void initialize(Instance instance, DataSegment[] dataSegments, int memoryIndex) {
    segments = dataSegments;
    for (int i = 0; i < dataSegments.length; i++) {
      if (dataSegments[i] instanceof ActiveDataSegment active && active.index() == memoryIndex) {
        var offset =
            (int) ConstantEvaluators.computeConstantValue(instance, active.offsetInstructions())[0];
        byte[] data = segmentData.of(i, active);
        try {
          write(offset, data, 0, data.length);
        } catch (IndexOutOfBoundsException e) {
          throw new UninstantiableException("out of bounds memory access", e);
        }
      }
    }
  }

  @Override
  public void initPassiveSegment(int segmentId, int destination, int offset, int length) {
    var segment = segments[segmentId];
    // The same one stands for each that was dropped.
    byte[] data =
        segment.equals(PassiveDataSegment.EMPTY) ? NONE : segmentData.of(segmentId, segment);
    write(destination, data, offset, length);
  }

  @Override
  public void drop(int segment) {
    segments[segment] = PassiveDataSegment.EMPTY;
  }

  /** The array is new when this is called, and so zero. */
  @Override
  public void zero() {}

  @Override
  public void write(int address, byte[] data, int offset, int length) {
    check(address, length);
    System.arraycopy(data, offset, bytes, address, length);
  }

  @Override
  public byte[] readBytes(int address, int length) {
    check(address, length);
    return Arrays.copyOfRange(bytes, address, address + length);
  }

  @Override
  public void fill(byte value, int fromIndex, int toIndex) {
    check(fromIndex, toIndex - fromIndex);
    Arrays.fill(bytes, fromIndex, toIndex, value);
  }

  @Override
  public void copy(int destination, int source, int length) {
    check(destination, length);
    check(source, length);
    System.arraycopy(bytes, source, bytes, destination, length);
  }

  @Override
  public byte read(int address) {
    return bytes[Objects.checkIndex(address, size)];
  }

  @Override
  public void writeByte(int address, byte value) {
    bytes[Objects.checkIndex(address, size)] = value;
  }

  @Override
  public short readShort(int address) {
    return (short) SHORTS.get(bytes, Objects.checkIndex(address, size - 1));
  }

  @Override
  public void writeShort(int address, short value) {
    SHORTS.set(bytes, Objects.checkIndex(address, size - 1), value);
  }

  @Override
  public long readU16(int address) {
    return readShort(address) & 0xFFFF;
  }

  @Override
  public int readInt(int address) {
    return (int) INTS.get(bytes, Objects.checkIndex(address, size - 3));
  }

  @Override
  public void writeI32(int address, int value) {
    INTS.set(bytes, Objects.checkIndex(address, size - 3), value);
  }

  @Override
  public long readLong(int address) {
    return (long) LONGS.get(bytes, Objects.checkIndex(address, size - 7));
  }

  @Override
  public void writeLong(int address, long value) {
    LONGS.set(bytes, Objects.checkIndex(address, size - 7), value);
  }

  @Override
  public float readFloat(int address) {
    return (float) FLOATS.get(bytes, Objects.checkIndex(address, size - 3));
  }

  @Override
  public long readF32(int address) {
    return readInt(address);
  }

  @Override
  public void writeF32(int address, float value) {
    FLOATS.set(bytes, Objects.checkIndex(address, size - 3), value);
  }

  @Override
  public double readDouble(int address) {
    return (double) DOUBLES.get(bytes, Objects.checkIndex(address, size - 7));
  }

  @Override
  public long readF64(int address) {
    return readLong(address);
  }

  @Override
  public void writeF64(int address, double value) {
    DOUBLES.set(bytes, Objects.checkIndex(address, size - 7), value);
  }

  private void check(int address, int length) {
    Objects.checkFromIndexSize(address, length, size);
  }
}
