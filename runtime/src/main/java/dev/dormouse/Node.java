package dev.dormouse;

import dev.dormouse.actor.Directory;
import dev.dormouse.config.ServerConfig;
import dev.dormouse.egress.Egress;
import dev.dormouse.egress.EgressBounds;
import dev.dormouse.egress.Trust;
import dev.dormouse.gateway.Gateway;
import dev.dormouse.gateway.GatewayConfig;
import dev.dormouse.guest.TurnPacer;
import dev.dormouse.guest.chicory.ChicoryEngine;
import dev.dormouse.host.HostImports;
import dev.dormouse.limits.Settings;
import dev.dormouse.module.Namespaces;
import dev.dormouse.observe.ActorLog;
import dev.dormouse.observe.Metrics;
import dev.dormouse.script.ScriptEngine;
import dev.dormouse.storage.h2.H2Store;
import dev.dormouse.storage.h2.StoreOptions;
import dev.dormouse.time.SystemTime;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One server: the only place where the parts are put together, and the owner of their start and
 * shutdown.
 */
public final class Node implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Node.class);

  private final Deque<AutoCloseable> parts = new ArrayDeque<>();
  private final Gateway gateway;

  private Node(ServerConfig config, boolean dev) {
    // What takes long to load is loaded beside the opening of the store, which needs none of it.
    var json = beside(() -> Settings.parse("nothing", new byte[] {'{', '}'}));
    var web = json.thenRun(Gateway::prepare).exceptionally(Node::later);
    try {
      var time = own(new SystemTime());
      var metrics = own(new Metrics());
      var log = new ActorLog(time);
      var engine =
          own(
              new ChicoryEngine(
                  config.data().resolve("cache"),
                  ChicoryEngine.Mode.COMPILER,
                  ChicoryEngine.DEFAULT_CACHE_BYTES,
                  time));
      var store = own(H2Store.open(storeOptions(config), time));
      var imports = HostImports.all();
      json.join();
      var namespaces =
          own(new Namespaces(config.data(), engine, imports, config.limits(), config.env(), time));
      var scripts = ScriptEngine.ofThisCheckout(engine, imports, config.limits().defaults(), time);
      var trusted = config.webCertificates();
      var egress =
          own(
              new Egress(
                  time,
                  dev,
                  EgressBounds.of(config.node()),
                  trusted == null ? Trust.standard() : Trust.with(trusted)));
      metrics.counter(
          "dormouse_web_requests", "Requests and WebSockets to the outside", egress::requests);
      metrics.counter(
          "dormouse_web_denied", "Those that the egress policy refused", egress::denials);
      metrics.gauge("dormouse_web_open", "Those that are open", egress::open);
      metrics.counter(
          "dormouse_web_reused", "Those that went over a connection that waited", egress::reused);
      metrics.gauge("dormouse_web_idle", "Connections that wait for another", egress::idle);
      var directory =
          new Directory(
              store,
              namespaces,
              time,
              new TurnPacer(config.node().longTurns()),
              metrics,
              log,
              egress,
              config.node().gatewaysPerNamespace(),
              config.node().memoryBytes(),
              config.node().awakeActors(),
              config.node().drainTime());
      metrics.counter("dormouse_compilations", "Modules compiled", engine::compilations);
      watch(metrics, store);
      namespaces.finishDeletions(directory::deleteNamespace);
      web.join();
      gateway =
          own(
              Gateway.start(
                  GatewayConfig.of(config, dev),
                  directory,
                  namespaces,
                  store,
                  scripts,
                  metrics,
                  log,
                  time));
      // Closed before the gateway, which still writes the actors' last words.
      own(directory).start();
    } catch (RuntimeException | Error failed) {
      closeParts();
      throw failed;
    }
  }

  private static CompletableFuture<@Nullable Void> beside(Runnable work) {
    return CompletableFuture.runAsync(
            work, task -> Thread.ofPlatform().daemon().name("dormouse-prepare").start(task))
        .exceptionally(Node::later);
  }

  /** What fails while it is only prepared fails again where it is needed, and is told there. */
  private static @Nullable Void later(Throwable failure) {
    LOG.debug("a part could not be prepared", failure);
    return null;
  }

  /**
   * Starts a server. It accepts requests when this returns.
   *
   * @param dev whether a developer runs it on their own machine: then the admin API on loopback
   *     asks for no token
   */
  public static Node start(ServerConfig config, boolean dev) {
    return new Node(config, dev);
  }

  public int publicPort() {
    return gateway.port();
  }

  public int adminPort() {
    return gateway.adminPort();
  }

  /** Takes nothing new, finishes what is under way within the drain time, and stops. */
  @Override
  public void close() {
    gateway.drain();
    closeParts();
  }

  private static StoreOptions storeOptions(ServerConfig config) {
    var node = config.node();
    return StoreOptions.in(config.data())
        .withJournal(node.journalSegmentBytes(), node.journalBytes(), node.journalBytes() / 4)
        .withOpenFiles(node.openStores());
  }

  private static void watch(Metrics metrics, H2Store store) {
    metrics.counter(
        "dormouse_commits",
        "Turns whose writes went to disk",
        () -> store.stats().journal().records());
    metrics.counter(
        "dormouse_fsyncs",
        "Times the journal was forced to disk",
        () -> store.stats().journal().batches());
    metrics.gauge(
        "dormouse_journal_bytes", "Journal on disk", () -> store.stats().journal().bytes());
    metrics.gauge("dormouse_open_files", "Actor files open", () -> store.stats().openFiles());
    metrics.gauge(
        "dormouse_actors_behind",
        "Actors whose files the journal is ahead of",
        () -> store.stats().pendingActors());
  }

  private <T extends AutoCloseable> T own(T part) {
    parts.push(part);
    return part;
  }

  private void closeParts() {
    for (var part : parts) {
      try {
        part.close();
      } catch (Exception e) {
        LOG.error("{} did not close", part.getClass().getSimpleName(), e);
      }
    }
    parts.clear();
  }
}
