package dev.dormouse.bench.load;

import java.util.ArrayList;
import java.util.List;
import org.HdrHistogram.Histogram;

/** How long things took, to three digits. */
final class Latencies {
  private static final long LONGEST_NANOS = 600_000_000_000L;

  /** What plots are drawn of: percent. */
  private static final double[] CURVE = {
    10, 20, 30, 40, 50, 60, 70, 80, 90, 95, 97.5, 99, 99.5, 99.75, 99.9, 99.95, 99.99, 99.999
  };

  private final Histogram histogram = new Histogram(LONGEST_NANOS, 3);

  void add(long nanos) {
    histogram.recordValue(Math.clamp(nanos, 0, LONGEST_NANOS));
  }

  long count() {
    return histogram.getTotalCount();
  }

  /** Milliseconds within which so many percent were done; 0 when there was nothing to do. */
  double millis(double percent) {
    return histogram.getValueAtPercentile(percent) / 1e6;
  }

  /** Pairs of percent and milliseconds, as far as there are enough values to tell. */
  List<double[]> curve() {
    var points = new ArrayList<double[]>();
    for (double percent : CURVE) {
      if (count() * (100 - percent) >= 100) {
        points.add(new double[] {percent, millis(percent)});
      }
    }
    return points;
  }
}
