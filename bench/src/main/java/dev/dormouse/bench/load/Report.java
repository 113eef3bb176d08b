package dev.dormouse.bench.load;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a run found. Latencies are in milliseconds; {@code rate} is what was done in a second;
 * {@code curve} has pairs of percent and milliseconds.
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
record Report(
    double rate,
    long count,
    double p50,
    double p90,
    double p99,
    double p999,
    double max,
    List<double[]> curve,
    @Nullable List<String> bodies) {

  static Report of(Latencies latencies, long nanos, @Nullable List<String> bodies) {
    return new Report(
        latencies.count() * 1e9 / nanos,
        latencies.count(),
        latencies.millis(50),
        latencies.millis(90),
        latencies.millis(99),
        latencies.millis(99.9),
        latencies.millis(100),
        latencies.curve(),
        bodies);
  }
}
