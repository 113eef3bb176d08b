package dev.dormouse.observe;

import dev.dormouse.fault.Code;
import io.prometheus.metrics.model.registry.MultiCollector;
import io.prometheus.metrics.model.snapshots.CounterSnapshot;
import io.prometheus.metrics.model.snapshots.CounterSnapshot.CounterDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot.GaugeDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.HistogramSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import java.util.Collection;
import java.util.function.Function;
import java.util.function.ToLongFunction;

/** Turns what the namespaces have counted into Prometheus's terms, when asked. */
final class NamespaceCollector implements MultiCollector {
  private final Collection<NamespaceMetrics> namespaces;

  /**
   * @param namespaces a live view
   */
  NamespaceCollector(Collection<NamespaceMetrics> namespaces) {
    this.namespaces = namespaces;
  }

  @Override
  public MetricSnapshots collect() {
    return MetricSnapshots.builder()
        .metricSnapshot(
            histogram("dormouse_turn_seconds", "How long turns ran", metrics -> metrics.turns))
        .metricSnapshot(
            histogram(
                "dormouse_wake_seconds",
                "How long actors took to wake, from their first event to the end of start",
                metrics -> metrics.wakes))
        .metricSnapshot(
            histogram(
                "dormouse_mailbox_depth",
                "Events that waited in a mailbox when another was put there",
                metrics -> metrics.depths))
        .metricSnapshot(
            histogram(
                "dormouse_alarm_lateness_seconds",
                "How late alarms fired",
                metrics -> metrics.lateness))
        .metricSnapshot(
            counter("dormouse_fuel", "Fuel units that turns used", metrics -> metrics.fuel.sum()))
        .metricSnapshot(
            counter(
                "dormouse_overloads",
                "Events that found no room",
                metrics -> metrics.overloads.sum()))
        .metricSnapshot(
            counter("dormouse_wakes", "Actors that woke", metrics -> metrics.wakes.count()))
        .metricSnapshot(
            counter(
                "dormouse_sleeps", "Actors that went to sleep", metrics -> metrics.sleeps.sum()))
        .metricSnapshot(
            counter(
                "dormouse_compactions",
                "Idle actors that were made compact",
                metrics -> metrics.compactions.sum()))
        .metricSnapshot(
            counter(
                "dormouse_expansions",
                "Compact actors that were made usable again",
                metrics -> metrics.expansions.sum()))
        .metricSnapshot(
            counter(
                "dormouse_connections_opened",
                "WebSockets that were opened",
                metrics -> metrics.opened.sum()))
        .metricSnapshot(connections())
        .metricSnapshot(faults())
        .build();
  }

  private HistogramSnapshot histogram(
      String name, String help, Function<NamespaceMetrics, Histogram> which) {
    var snapshot = HistogramSnapshot.builder().name(name).help(help);
    for (NamespaceMetrics metrics : namespaces) {
      snapshot.dataPoint(which.apply(metrics).snapshot(labels(metrics)));
    }
    return snapshot.build();
  }

  private CounterSnapshot counter(
      String name, String help, ToLongFunction<NamespaceMetrics> value) {
    var snapshot = CounterSnapshot.builder().name(name).help(help);
    for (NamespaceMetrics metrics : namespaces) {
      snapshot.dataPoint(point(value.applyAsLong(metrics), labels(metrics)));
    }
    return snapshot.build();
  }

  private GaugeSnapshot connections() {
    var snapshot =
        GaugeSnapshot.builder().name("dormouse_connections").help("WebSockets that are open");
    for (NamespaceMetrics metrics : namespaces) {
      // Closed first: a connection that opens and closes in between must not count below zero.
      long closed = metrics.closed.sum();
      snapshot.dataPoint(
          GaugeDataPointSnapshot.builder()
              .value((double) Math.max(0, metrics.opened.sum() - closed))
              .labels(labels(metrics))
              .build());
    }
    return snapshot.build();
  }

  private CounterSnapshot faults() {
    var snapshot =
        CounterSnapshot.builder().name("dormouse_faults").help("Turns and requests that failed");
    for (NamespaceMetrics metrics : namespaces) {
      for (Code code : Code.values()) {
        long count = metrics.faults(code);
        if (count > 0) {
          snapshot.dataPoint(
              point(count, Labels.of("namespace", metrics.namespace, "code", code.wire())));
        }
      }
    }
    return snapshot.build();
  }

  private static CounterDataPointSnapshot point(long value, Labels labels) {
    return CounterDataPointSnapshot.builder().value((double) value).labels(labels).build();
  }

  private static Labels labels(NamespaceMetrics metrics) {
    return Labels.of("namespace", metrics.namespace);
  }
}
