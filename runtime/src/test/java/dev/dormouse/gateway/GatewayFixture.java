package dev.dormouse.gateway;

import dev.dormouse.actor.Directory;
import dev.dormouse.egress.Egress;
import dev.dormouse.egress.EgressBounds;
import dev.dormouse.egress.Trust;
import dev.dormouse.guest.TurnPacer;
import dev.dormouse.guest.chicory.ChicoryEngine;
import dev.dormouse.host.HostImports;
import dev.dormouse.limits.LimitPolicy;
import dev.dormouse.limits.Limits;
import dev.dormouse.limits.NodeLimits;
import dev.dormouse.limits.Settings;
import dev.dormouse.module.Namespaces;
import dev.dormouse.observe.ActorLog;
import dev.dormouse.observe.Metrics;
import dev.dormouse.script.ScriptEngine;
import dev.dormouse.sim.SimStore;
import dev.dormouse.time.SystemTime;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A gateway in front of real actors, whose store is in memory. */
final class GatewayFixture implements AutoCloseable {
  static final String TOKEN = "a-token-of-the-tests";

  /** Impatient, so that tests of what takes too long are short. */
  static final Pace PACE =
      new Pace(
          Duration.ofSeconds(30),
          Duration.ofSeconds(2),
          Duration.ofSeconds(2),
          Duration.ofSeconds(2),
          Duration.ofSeconds(1),
          Duration.ofMillis(50),
          Duration.ofSeconds(2));

  final SystemTime time = new SystemTime();
  final SimStore store = new SimStore();
  final Metrics metrics = new Metrics();
  final ActorLog log = new ActorLog(time);
  final HttpClient http = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  final ChicoryEngine engine;
  final ScriptEngine scripts;
  final Namespaces namespaces;
  final Directory directory;
  final Gateway gateway;

  /** How the fixture is to be. */
  record Options(String limits, Pace pace, @Nullable String token, boolean dev, int connections) {
    Options(String limits) {
      this(limits, PACE, TOKEN, false, 10_000);
    }

    Options dev(boolean isDev, @Nullable String adminToken) {
      return new Options(limits, pace, adminToken, isDev, connections);
    }

    Options connections(int most) {
      return new Options(limits, pace, token, dev, most);
    }

    Options pace(Pace other) {
      return new Options(limits, other, token, dev, connections);
    }
  }

  GatewayFixture(Path directoryOnDisk, Options options) {
    var policy =
        new LimitPolicy(
            LimitPolicy.read(
                "limits",
                Settings.parse("limits", options.limits().getBytes(StandardCharsets.UTF_8)),
                Limits.DEFAULTS),
            Map.of());
    engine =
        new ChicoryEngine(
            directoryOnDisk.resolve("code"),
            ChicoryEngine.Mode.COMPILER,
            ChicoryEngine.DEFAULT_CACHE_BYTES,
            time);
    scripts = new ScriptEngine(null, engine, HostImports.all(), policy.defaults(), time);
    namespaces = new Namespaces(directoryOnDisk, engine, HostImports.all(), policy, time);
    directory =
        new Directory(
            store,
            namespaces,
            time,
            new TurnPacer(2),
            metrics,
            log,
            new Egress(time, true, EgressBounds.of(NodeLimits.defaults()), Trust.standard()),
            4,
            1L << 30,
            10_000,
            Duration.ofSeconds(5));
    directory.start();
    gateway =
        Gateway.start(
            new GatewayConfig(
                "127.0.0.1",
                0,
                "127.0.0.1",
                0,
                options.token(),
                options.dev(),
                options.connections(),
                64,
                256L << 20,
                policy,
                Duration.ofSeconds(5),
                options.pace()),
            directory,
            namespaces,
            store,
            scripts,
            metrics,
            log,
            time);
    namespaces.put("probe", ProbeGuest.WASM);
  }

  static GatewayFixture start(Path directoryOnDisk) {
    return new GatewayFixture(directoryOnDisk, new Options("{}"));
  }

  URI at(String path) {
    return URI.create("http://127.0.0.1:" + gateway.port() + path);
  }

  URI adminAt(String path) {
    return URI.create("http://127.0.0.1:" + gateway.adminPort() + path);
  }

  HttpResponse<String> get(String path) {
    return send(HttpRequest.newBuilder(at(path)).build());
  }

  HttpResponse<String> post(String path, String body) {
    return send(HttpRequest.newBuilder(at(path)).POST(BodyPublishers.ofString(body)).build());
  }

  HttpResponse<String> admin(String method, String path) {
    return send(
        HttpRequest.newBuilder(adminAt(path))
            .method(method, BodyPublishers.noBody())
            .header("authorization", "Bearer " + TOKEN)
            .build());
  }

  HttpResponse<String> send(HttpRequest request) {
    try {
      return http.send(request, BodyHandlers.ofString());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  RawClient raw() {
    return new RawClient(gateway.port());
  }

  @Override
  public void close() {
    gateway.drain();
    directory.close();
    gateway.close();
    http.shutdownNow();
    namespaces.close();
    metrics.close();
    engine.close();
    time.close();
  }
}
