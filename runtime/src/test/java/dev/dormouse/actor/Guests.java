package dev.dormouse.actor;

import dev.dormouse.guest.chicory.ChicoryEngine;
import dev.dormouse.host.HostImports;
import dev.dormouse.limits.LimitPolicy;
import dev.dormouse.limits.Limits;
import dev.dormouse.limits.Settings;
import dev.dormouse.module.Namespaces;
import dev.dormouse.observe.Metrics;
import dev.dormouse.sim.SimTime;
import dev.dormouse.testkit.ScriptModule;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;

/** A real engine, and a namespace with a {@link ScriptModule}. Worlds can share it. */
final class Guests implements AutoCloseable {
  static final String NAMESPACE = "app";

  private static final byte[] FIRST = ScriptModule.assemble(1);
  private static final byte[] SECOND = ScriptModule.assemble(2);

  final Namespaces namespaces;
  final Metrics metrics = new Metrics();
  private final ChicoryEngine engine;
  private boolean second;

  /**
   * @param limits as in the configuration, over the defaults
   */
  Guests(Path data, String limits) {
    var time = new SimTime(0);
    engine =
        new ChicoryEngine(
            data.resolve("cache"),
            ChicoryEngine.Mode.COMPILER,
            ChicoryEngine.DEFAULT_CACHE_BYTES,
            time);
    var json = Settings.parse("limits", limits.getBytes(StandardCharsets.UTF_8));
    var policy = new LimitPolicy(LimitPolicy.read("limits", json, Limits.DEFAULTS), Map.of());
    namespaces = new Namespaces(data, engine, HostImports.all(), policy, time);
    namespaces.put(NAMESPACE, FIRST);
  }

  /** Deploys the other of two versions. */
  void redeploy() {
    second = !second;
    namespaces.put(NAMESPACE, second ? SECOND : FIRST);
  }

  /** Deploys the first of them anew: nothing is left of the instances of earlier worlds. */
  void startAnew() {
    namespaces.put(NAMESPACE, SECOND);
    namespaces.put(NAMESPACE, FIRST);
    second = false;
  }

  @Override
  public void close() {
    namespaces.close();
    metrics.close();
    engine.close();
  }
}
