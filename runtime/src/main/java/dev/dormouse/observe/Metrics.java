package dev.dormouse.observe;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.binder.jvm.ClassLoaderMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmGcMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmThreadMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.micrometer.core.instrument.binder.system.UptimeMetrics;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/**
 * The numbers that the node shows, in the text format of Prometheus. docs/metrics.md names them.
 *
 * <p>Each namespace has series of its own, up to {@link #MAX_NAMESPACES}; those beyond share the
 * series of the namespace {@code _other}, so that a scrape stays of bounded size.
 */
public final class Metrics implements AutoCloseable {
  /** Namespaces that have series of their own. */
  public static final int MAX_NAMESPACES = 1_000;

  private static final String OTHER = "_other";

  private final PrometheusMeterRegistry registry =
      new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
  private final Map<String, NamespaceMetrics> namespaces = new ConcurrentHashMap<>();
  private final JvmGcMetrics gc = new JvmGcMetrics();

  /** Micrometer holds what a counter reads only weakly; it would stop when that is collected. */
  private final List<LongSupplier> counted = new CopyOnWriteArrayList<>();

  public Metrics() {
    new JvmMemoryMetrics().bindTo(registry);
    new JvmThreadMetrics().bindTo(registry);
    new ClassLoaderMetrics().bindTo(registry);
    new ProcessorMetrics().bindTo(registry);
    new UptimeMetrics().bindTo(registry);
    gc.bindTo(registry);
    registry.getPrometheusRegistry().register(new NamespaceCollector(namespaces.values()));
  }

  /** The metrics of a namespace; the same object each time, until {@link #remove}. */
  public NamespaceMetrics namespace(String name) {
    NamespaceMetrics known = namespaces.get(name);
    if (known != null) {
      return known;
    }
    String key = namespaces.size() < MAX_NAMESPACES ? name : OTHER;
    return namespaces.computeIfAbsent(key, NamespaceMetrics::new);
  }

  /** Ends the series of a namespace. */
  public void remove(String namespace) {
    namespaces.remove(namespace);
  }

  /**
   * Shows a number that rises and falls. Asked at each scrape, so it must be quick and must not
   * throw.
   *
   * @param name such as {@code dormouse_open_stores}
   */
  public void gauge(String name, String help, Supplier<Number> value) {
    Gauge.builder(name, value).description(help).register(registry);
  }

  /**
   * Shows a number that only rises. Asked at each scrape.
   *
   * @param name such as {@code dormouse_commits_total}
   */
  public void counter(String name, String help, LongSupplier value) {
    counted.add(value);
    FunctionCounter.builder(name, value, LongSupplier::getAsLong)
        .description(help)
        .register(registry);
  }

  /** Everything, in the text format of Prometheus 0.0.4. */
  public String scrape() {
    return registry.scrape();
  }

  @Override
  public void close() {
    gc.close();
    registry.close();
  }
}
