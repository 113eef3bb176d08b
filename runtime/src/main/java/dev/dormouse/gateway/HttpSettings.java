package dev.dormouse.gateway;

import io.helidon.common.SerializationConfig;
import io.helidon.common.context.Context;
import io.helidon.common.context.Contexts;
import io.helidon.http.DirectHandler;
import io.helidon.http.encoding.ContentEncodingContext;
import io.helidon.http.media.MediaContext;
import io.helidon.webserver.ListenerConfig;
import io.helidon.webserver.ListenerContext;
import io.helidon.webserver.http.DirectHandlers;
import io.helidon.webserver.http1.Http1Config;
import io.helidon.webserver.http1.Http1ConnectionSelector;
import java.net.InetAddress;
import java.util.concurrent.ExecutorService;

/** How Helidon reads requests, the same for all connections of a listener. Immutable. */
final class HttpSettings implements ListenerContext {
  /** Longest request line and longest headers of a request, in bytes. */
  private static final int MAX_LINE = 16 * 1024;

  private static final int MAX_HEADERS = 64 * 1024;

  static {
    HelidonServices.none();
    SerializationConfig.configureRuntime();
  }

  private final ListenerConfig config =
      ListenerConfig.builder()
          .address(InetAddress.getLoopbackAddress())
          .protocolsDiscoverServices(false)
          .buildPrototype();
  private final MediaContext media =
      MediaContext.builder().mediaSupportsDiscoverServices(false).registerDefaults(false).build();
  private final ContentEncodingContext encoding = new OpaqueBodies();
  private final DirectHandlers refusals = refusals();

  /** Helidon's part of every connection. */
  @SuppressWarnings("deprecation")
  static Http1ConnectionSelector protocol() {
    return Http1ConnectionSelector.builder()
        .config(
            Http1Config.builder()
                .maxPrologueLength(MAX_LINE)
                .maxHeadersSize(MAX_HEADERS)
                // Paths and queries are checked by Target, more cheaply and more strictly.
                .validatePath(false)
                .validatePrologue(false)
                .receiveLog(false)
                .sendLog(false)
                .build())
        .build();
  }

  /** What Helidon refuses before a request reaches us, such as a broken request line. */
  private static DirectHandlers refusals() {
    var handlers = DirectHandlers.builder();
    for (var type : DirectHandler.EventType.values()) {
      handlers.addHandler(type, new HelidonRefusal());
    }
    return handlers.build();
  }

  @Override
  public Context context() {
    return Contexts.globalContext();
  }

  @Override
  public MediaContext mediaContext() {
    return media;
  }

  @Override
  public ContentEncodingContext contentEncodingContext() {
    return encoding;
  }

  @Override
  public DirectHandlers directHandlers() {
    return refusals;
  }

  @Override
  public ListenerConfig config() {
    return config;
  }

  /** Nothing of HTTP/1.1 asks for other threads than a connection's own. */
  @Override
  public ExecutorService executor() {
    throw new UnsupportedOperationException("a connection has one thread");
  }
}
