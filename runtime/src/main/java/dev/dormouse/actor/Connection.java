package dev.dormouse.actor;

import dev.dormouse.fault.Code;
import java.util.List;
import java.util.concurrent.Semaphore;
import org.jspecify.annotations.Nullable;

/**
 * A client's connection to an actor. The host owns it: it stays open, with its attachment and tags,
 * while the actor sleeps, moves to a new version, or starts anew after a trap.
 *
 * <p>The gateway makes one with {@link Directory#connect}, hands in what the client sends, and
 * writes what {@link #outbound} holds. Attachment and tags belong to the actor's turns.
 */
public final class Connection {
  /**
   * Messages of one connection that may wait for their turn. The gateway's reader waits when there
   * are so many, so a client that floods is slowed by its own socket and does not fill the mailbox.
   */
  private static final int WINDOW = 64;

  /** What became of an attempt to connect. */
  public sealed interface Opening {
    record Accepted() implements Opening {}

    /** The actor refused, with an HTTP status. */
    record Rejected(int status, String message) implements Opening {}
  }

  private final long id;
  private final Actor actor;
  private final String url;
  private final List<Header> headers;
  private final Outbound outbound;
  private final Semaphore window = new Semaphore(WINDOW);

  private byte @Nullable [] attachment;
  private List<String> tags = List.of();
  private boolean open;
  private volatile boolean clientGone;

  Connection(
      long id,
      Actor actor,
      String url,
      List<Header> headers,
      long maxOutboundBytes,
      Runnable onOutbound) {
    this.id = id;
    this.actor = actor;
    this.url = url;
    this.headers = headers;
    this.outbound = new Outbound(maxOutboundBytes, onOutbound);
  }

  /** Unique in this server's data directory. */
  public long id() {
    return id;
  }

  public Outbound outbound() {
    return outbound;
  }

  /**
   * Hands a message of the client to the actor. Waits while too many messages of this connection
   * wait; to be called on a virtual thread. When the actor takes no more, the connection is closed
   * with 1013.
   */
  public void received(Payload payload) {
    window.acquireUninterruptibly();
    if (!actor.offer(new Event.Message(this, payload))) {
      window.release();
      outbound.close(Code.OVERLOADED.closeCode(), Code.OVERLOADED.wire());
    }
  }

  /**
   * The client has gone, or the gateway has given it up. Later calls do nothing.
   *
   * @param code as the client said it, or 1006
   */
  public void gone(int code, String reason) {
    boolean first;
    synchronized (this) {
      first = !clientGone;
      clientGone = true;
    }
    if (first) {
      actor.offerAlways(new Event.Close(this, code, reason));
    }
  }

  /** Closes from the host's side, for a reason that is not the actor's. */
  public void close(Code code) {
    outbound.close(code.closeCode(), code.wire());
  }

  String url() {
    return url;
  }

  List<Header> headers() {
    return headers;
  }

  /** A message of this connection has had its turn. */
  void handled() {
    window.release();
  }

  boolean isOpen() {
    return open;
  }

  void open(boolean isOpen) {
    open = isOpen;
  }

  boolean clientGone() {
    return clientGone;
  }

  byte @Nullable [] attachment() {
    return attachment;
  }

  void attachment(byte[] value) {
    attachment = value;
  }

  List<String> tags() {
    return tags;
  }

  void tags(List<String> value) {
    tags = value;
  }
}
