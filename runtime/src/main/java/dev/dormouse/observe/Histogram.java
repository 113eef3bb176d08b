package dev.dormouse.observe;

import io.prometheus.metrics.model.snapshots.ClassicHistogramBuckets;
import io.prometheus.metrics.model.snapshots.HistogramSnapshot.HistogramDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import java.util.concurrent.atomic.LongAdder;

/**
 * A distribution over fixed buckets that many threads fill at once without getting into each
 * other's way.
 */
final class Histogram {
  private final long[] bounds;
  private final double unit;
  private final LongAdder[] counts;
  private final LongAdder sum = new LongAdder();

  /**
   * @param unit what one recorded unit is in the unit that is shown
   * @param bounds upper bounds, inclusive, rising, in recorded units
   */
  Histogram(double unit, long... bounds) {
    this.unit = unit;
    this.bounds = bounds.clone();
    counts = new LongAdder[bounds.length + 1];
    for (int i = 0; i < counts.length; i++) {
      counts[i] = new LongAdder();
    }
  }

  void record(long value) {
    int bucket = 0;
    while (bucket < bounds.length && value > bounds[bucket]) {
      bucket++;
    }
    counts[bucket].increment();
    sum.add(value);
  }

  /** How many values were recorded. */
  long count() {
    long all = 0;
    for (LongAdder count : counts) {
      all += count.sum();
    }
    return all;
  }

  HistogramDataPointSnapshot snapshot(Labels labels) {
    var buckets = ClassicHistogramBuckets.builder();
    for (int i = 0; i < counts.length; i++) {
      buckets.bucket(
          i < bounds.length ? bounds[i] * unit : Double.POSITIVE_INFINITY, counts[i].sum());
    }
    return HistogramDataPointSnapshot.builder()
        .classicHistogramBuckets(buckets.build())
        .sum(sum.sum() * unit)
        .labels(labels)
        .build();
  }
}
