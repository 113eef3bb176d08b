package dev.dormouse.guest.chicory;

import com.dylibso.chicory.wasm.types.DataSegment;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/**
 * The bytes of a module's data segments, held once for all of its instances. A segment copies its
 * bytes whenever it is asked for them: that would make each new instance cost its data twice, and
 * let a guest copy a large segment for the price of reading one byte of it. Safe for use by many
 * threads.
 */
final class SegmentData {
  private final AtomicReferenceArray<byte @Nullable []> data;

  SegmentData(int segments) {
    data = new AtomicReferenceArray<>(segments);
  }

  /** Not to be changed. */
  byte[] of(int index, DataSegment segment) {
    byte[] known = data.get(index);
    if (known == null) {
      known = segment.data();
      data.set(index, known);
    }
    return known;
  }
}
