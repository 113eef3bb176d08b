package dev.dormouse.guest.fuel;

/**
 * The blocks that are open where a function is being written, and what they became in the output.
 * Labels count from the innermost block, which is 0.
 */
final class OpenBlocks {
  private final IntList kinds = new IntList();

  // What may have been counted unchecked on arriving at the end, and at the start.
  private final IntList atEnd = new IntList();
  private final IntList atStart = new IntList();

  /** Whether an exception may land at the end. */
  private final IntList landings = new IntList();

  // The place among the open blocks of the output, and how many blocks it became.
  private final IntList places = new IntList();
  private final IntList widths = new IntList();

  /** Of a loop, its number among all. */
  private final IntList numbers = new IntList();

  /** Open blocks of the output. */
  private int depth;

  void clear() {
    kinds.clear();
    atEnd.clear();
    atStart.clear();
    landings.clear();
    places.clear();
    widths.clear();
    numbers.clear();
    depth = 0;
  }

  boolean isEmpty() {
    return kinds.isEmpty();
  }

  /**
   * Opens a block.
   *
   * @param width how many blocks of the output it becomes
   * @param unchecked what may have been counted unchecked where it begins
   */
  void open(int kind, int width, int unchecked) {
    kinds.add(kind);
    atEnd.add(0);
    atStart.add(unchecked);
    landings.add(0);
    depth += width;
    places.add(depth - 1);
    widths.add(width);
    numbers.add(0);
  }

  void openLoop(int number, int width, int unchecked) {
    open(Opcodes.LOOP, width, unchecked);
    numbers.setLast(number);
  }

  void close() {
    depth -= widths.last();
    kinds.removeLast();
    atEnd.removeLast();
    atStart.removeLast();
    landings.removeLast();
    places.removeLast();
    widths.removeLast();
    numbers.removeLast();
  }

  private int frame(int label) {
    return kinds.size() - 1 - label;
  }

  int kind(int label) {
    return kinds.get(frame(label));
  }

  int width(int label) {
    return widths.get(frame(label));
  }

  int number(int label) {
    return numbers.get(frame(label));
  }

  void becomeElse() {
    kinds.setLast(Opcodes.ELSE);
  }

  /** Something arrives at the end of a block, with so much counted unchecked. */
  void arrive(int label, int unchecked) {
    int frame = frame(label);
    atEnd.set(frame, Math.max(atEnd.get(frame), unchecked));
  }

  int uncheckedAtEnd() {
    return atEnd.last();
  }

  int uncheckedAtStart() {
    return atStart.last();
  }

  void mayLand(int label) {
    landings.set(frame(label), 1);
  }

  boolean isLanding() {
    return landings.last() != 0;
  }

  /** The label by which the output knows one of the open blocks. */
  int label(int from) {
    return depth - 1 - places.get(frame(from));
  }

  /** The label by which the output knows the block around all of them. */
  int outermost() {
    return depth - 1;
  }
}
