package dev.dormouse.gateway;

import dev.dormouse.fault.Code;
import io.helidon.http.DirectHandler;
import io.helidon.http.HeaderNames;
import io.helidon.http.ServerResponseHeaders;
import io.helidon.http.Status;

/**
 * Puts what Helidon refuses before a request reaches a handler into problem documents. What fails
 * in the handler never comes here, so even an internal error of Helidon's is a request that it
 * could not read, such as one whose method has characters that no method has.
 */
final class HelidonRefusal implements DirectHandler {
  @Override
  public TransportResponse handle(
      TransportRequest request,
      EventType type,
      Status status,
      ServerResponseHeaders headers,
      String message) {
    var told = type == EventType.INTERNAL_ERROR ? Status.BAD_REQUEST_400 : status;
    var code =
        switch (told.code()) {
          case 413 -> Code.PAYLOAD_TOO_LARGE;
          case 503 -> Code.OVERLOADED;
          default -> told.code() < 500 || told.code() == 505 ? Code.BAD_REQUEST : Code.INTERNAL;
        };
    var problem = new Problem(code, told.code(), detail(told.code()), null);
    headers.set(HeaderNames.CONTENT_TYPE, Problem.MEDIA_TYPE);
    return TransportResponse.builder()
        .status(told)
        .headers(headers)
        .keepAlive(false)
        .entity(problem.json())
        .build();
  }

  /** Helidon's own messages may quote the request, so they are not sent back. */
  private static String detail(int status) {
    return switch (status) {
      case 400 -> "the request is not well-formed HTTP/1.1, or its headers are too large";
      case 413 -> "the body is too large";
      case 414 -> "the request's target is too long";
      case 505 -> "the server speaks HTTP/1.1 only";
      case 503 -> "the server has too much to do: try again soon";
      default -> "the server could not handle the request";
    };
  }
}
