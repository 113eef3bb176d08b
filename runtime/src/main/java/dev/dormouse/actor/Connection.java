package dev.dormouse.actor;

import dev.dormouse.actor.Mailbox.Offer;
import dev.dormouse.fault.Code;
import java.util.ArrayList;
import java.util.Arrays;
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
    /**
     * @param protocol the sub-protocol that was chosen; null for none
     */
    record Accepted(@Nullable String protocol) implements Opening {}

    /** The actor refused, with an HTTP status. */
    record Rejected(int status, String message) implements Opening {}

    /** The actor refused, with an answer of its own. */
    record Refused(HttpReply reply) implements Opening {}
  }

  /** What the host answers by itself, and with what. */
  record AutoResponse(Payload request, Payload response) {
    boolean answers(Payload payload) {
      return payload.text() && Arrays.equals(payload.bytes(), request.bytes());
    }
  }

  private final long id;
  private final Actor actor;
  private final String url;
  private List<Header> headers;
  private final Outbound outbound;
  private final boolean outgoing;
  private final @Nullable String protocol;
  private final Semaphore window = new Semaphore(WINDOW);

  private byte @Nullable [] attachment;
  private List<String> tags = List.of();
  private boolean open;
  private boolean clientGone;

  /** Messages in the mailbox, or held by the gate on their way to {@link #joined}. */
  private int underWay;

  /** The connection that this one was joined to; what comes goes there. */
  private volatile @Nullable Connection joined;

  private boolean passing;

  private volatile @Nullable AutoResponse autoResponse;
  private volatile long autoResponseMillis;

  private Connection(
      long id,
      Actor actor,
      String url,
      List<Header> headers,
      boolean outgoing,
      @Nullable String protocol,
      Outbound outbound) {
    this.id = id;
    this.actor = actor;
    this.url = url;
    this.headers = headers;
    this.outgoing = outgoing;
    this.protocol = protocol;
    this.outbound = outbound;
  }

  /** A client's connection to an actor. */
  static Connection incoming(
      long id, Actor actor, String url, List<Header> headers, Outbound outbound) {
    return new Connection(id, actor, url, headers, false, null, outbound);
  }

  /** An actor's own end of a connection that it opened. */
  static Connection outgoing(long id, Actor actor, @Nullable String protocol, Outbound outbound) {
    return new Connection(id, actor, "", List.of(), true, protocol, outbound);
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
    var other = direct();
    if (other != null) {
      other.outbound.sendWhenRoom(payload);
      return;
    }
    var automatic = autoResponse;
    if (automatic != null && joined == null && automatic.answers(payload)) {
      autoResponseMillis = actor.services().time().millis();
      outbound.sendWhenRoom(automatic.response());
      return;
    }
    window.acquireUninterruptibly();
    synchronized (this) {
      underWay++;
    }
    var offer = actor.tryOffer(new Event.Message(this, payload));
    if (offer == Offer.TAKEN) {
      return;
    }
    handled();
    other = direct();
    if (other != null) {
      // Joined while this message waited for its place, and the actor has gone to sleep since.
      other.outbound.sendWhenRoom(payload);
    } else {
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
    if (!first) {
      return;
    }
    var other = direct();
    if (other == null && actor.offerAlways(new Event.Close(this, code, reason)) == Offer.RETIRED) {
      other = direct();
    }
    if (other != null) {
      other.outbound.close(code, reason);
    }
  }

  /**
   * The client knows that the connection stands: what it sent to open it is not needed any more.
   */
  public void stands() {
    headers = List.of();
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
    synchronized (this) {
      underWay--;
    }
    window.release();
  }

  /**
   * From now on, for the actor's loop, what comes by this connection is for another one. It goes
   * there straight when {@link #passOn} was called and what came before has gone ahead.
   */
  void join(Connection other) {
    joined = other;
  }

  @Nullable Connection joined() {
    return joined;
  }

  synchronized void passOn() {
    passing = true;
  }

  private synchronized @Nullable Connection direct() {
    return passing && underWay == 0 ? joined : null;
  }

  /** The sub-protocols that the client offers, in its order. */
  List<String> offered() {
    var offered = new ArrayList<String>();
    for (var header : headers) {
      if (header.name().equals("sec-websocket-protocol")) {
        for (var protocol : header.value().split(",", -1)) {
          if (!protocol.isBlank()) {
            offered.add(protocol.strip());
          }
        }
      }
    }
    return offered;
  }

  /** For one that this actor opened itself, the chosen sub-protocol. */
  @Nullable String protocol() {
    return protocol;
  }

  /** Whether this actor opened it, and not a client. */
  boolean isOutgoing() {
    return outgoing;
  }

  boolean isOpen() {
    return open;
  }

  void open(boolean isOpen) {
    open = isOpen;
  }

  /** From now on, until told otherwise. */
  void autoResponse(@Nullable AutoResponse automatic) {
    autoResponse = automatic;
  }

  @Nullable AutoResponse autoResponse() {
    return autoResponse;
  }

  /** When an automatic response was last sent, in Unix time; 0 where none was. */
  long autoResponseMillis() {
    return autoResponseMillis;
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
