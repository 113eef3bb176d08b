package dev.dormouse.storage.journal;

import dev.dormouse.fault.Fault;
import dev.dormouse.identity.ActorId;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * A record on its way to the disk, and what is to happen when it is there. The journal's thread
 * calls {@link #becameDurable} for every record of a batch, in order, then {@link #finished} for
 * each; or {@link #failed} alone. These must be brief and must not throw.
 */
public abstract class PendingRecord {
  private final ActorId id;
  private final Kind kind;
  private final byte[] payload;
  private final int payloadCrc;
  private final byte[] namespace;
  private final byte[] name;
  private final long prev;
  private long lsn;

  /**
   * @param prev the number of the actor's previous record; 0 where the actor did not exist
   * @param payload what {@link WriteSetCodec} made of the writes; not to be changed
   */
  protected PendingRecord(ActorId id, Kind kind, byte[] payload, long prev) {
    this.id = id;
    this.kind = kind;
    this.payload = payload;
    this.prev = prev;
    this.payloadCrc = Layout.crc(ByteBuffer.wrap(payload), 0, payload.length, 0);
    this.namespace = id.namespace().getBytes(StandardCharsets.UTF_8);
    this.name = id.name().getBytes(StandardCharsets.UTF_8);
  }

  /** The journal holds the record for good; no caller has been told yet. */
  protected abstract void becameDurable();

  /** The caller is told; later records of the batch may still wait to be. */
  protected abstract void finished();

  /** The record may or may not be on disk, and will not be found there later. */
  protected abstract void failed(Fault fault);

  /**
   * An earlier record of the actor failed, so this one must not come to disk: it fails likewise.
   */
  protected abstract boolean abandoned();

  public final ActorId id() {
    return id;
  }

  final Kind kind() {
    return kind;
  }

  final byte[] payload() {
    return payload;
  }

  final int payloadCrc() {
    return payloadCrc;
  }

  /** The record's number in the journal, rising over all actors; 0 before it is appended. */
  public final long lsn() {
    return lsn;
  }

  final long prev() {
    return prev;
  }

  final void assign(long number) {
    lsn = number;
  }

  /** Bytes of the record in the journal. */
  public final int bytes() {
    return 2 * Layout.tagBytes(namespace, name) + Layout.padded(payload.length);
  }

  final void writeTag(ByteBuffer to, int magic, long segment) {
    Layout.writeTag(to, magic, this, namespace, name, segment);
  }

  final int tagBytes() {
    return Layout.tagBytes(namespace, name);
  }
}
