import { connection } from "./abi/imports";
import {
  RET, freeLowered, lowerStrings, pointerOf, release, takeReturnedBytes, takeReturnedStrings, takeString, utf8
} from "./abi/memory";
import { CBOR } from "./cbor";
import { Response, give } from "./http";
import { JSON } from "./json";
import { Status } from "./status";
import { Value } from "./value";

/**
 * A connection (WebSocket) that a client holds open to this actor. The host owns it: it stays open,
 * with its attachment and tags, while the actor sleeps. An object of this class is only its number.
 */
export class Connection {
  constructor(readonly id: u64) {}

  send(text: string): Status {
    const data = utf8(text);
    return <Status>connection.sendText(this.id, pointerOf(data), data.byteLength);
  }

  sendBytes(bytes: Uint8Array): Status {
    return <Status>connection.sendBytes(this.id, bytes.dataStart, bytes.byteLength);
  }

  /** Sends the value as a text frame of JSON. */
  sendJson(value: Value): Status {
    return this.send(JSON.stringify(value));
  }

  /**
   * Closes with a code of 1000 to 1014 (not 1004 or 1006) or 3000 to 4999 and a reason of at most 123
   * bytes; 1005 stands for none.
   */
  close(code: u16 = 1000, reason: string = ""): Status {
    const data = utf8(reason);
    return <Status>connection.close(this.id, code, pointerOf(data), data.byteLength);
  }

  /**
   * During `connect` only: the client waits until `accept`, `reject` or `splice` decides in a later
   * turn. Nobody decides in time: the client gets the error `timeout`, and there is no `close`.
   */
  defer(): Status {
    return <Status>connection.defer(this.id);
  }

  /** Opens a deferred connection, or that of this `connect`, with a sub-protocol that the client offered or none. */
  accept(protocol: string | null = null): Status {
    if (protocol === null) return <Status>connection.accept(this.id, 0, 0, 0);
    const data = utf8(protocol);
    return <Status>connection.accept(this.id, 1, pointerOf(data), data.byteLength);
  }

  /**
   * Joins this to another connection of this actor: what one peer sends goes to the other without this
   * actor, and so does the close. Both are gone from this actor. At least one was opened by it; one
   * that is deferred is accepted by this.
   */
  splice(other: Connection): Status {
    return <Status>connection.splice(this.id, other.id);
  }

  /** During `connect`, or later for a deferred one: refuses with an HTTP status of 400 to 599 in place of the upgrade. */
  reject(httpStatus: u16, message: string = ""): Status {
    const data = utf8(message);
    return <Status>connection.reject(this.id, httpStatus, pointerOf(data), data.byteLength);
  }

  /** As `reject`, with a whole answer of status 200 to 599. */
  refuse(answer: Response): Status {
    return give(this.id, answer, true);
  }

  /**
   * From the end of this turn on, the host answers a message that is exactly `request` with `response`,
   * without waking this actor. Both have at most 2,048 bytes.
   */
  setAutoResponse(request: string, response: string): Status {
    const asked = utf8(request);
    const answer = utf8(response);
    return <Status>connection.setAutoResponse(
      this.id, 1, pointerOf(asked), asked.byteLength, pointerOf(answer), answer.byteLength
    );
  }

  /** Ends what `setAutoResponse` began. */
  clearAutoResponse(): Status {
    return <Status>connection.setAutoResponse(this.id, 0, 0, 0, 0, 0);
  }

  /** What the host answers by itself, or null. */
  get autoResponse(): AutoResponse | null {
    connection.getAutoResponse(this.id, RET);
    if (load<u8>(RET) == 0) return null;
    const request = takeString(load<usize>(RET, 4), load<i32>(RET, 8));
    const response = takeString(load<usize>(RET, 12), load<i32>(RET, 16));
    return new AutoResponse(request, response);
  }

  /** When the host last answered so, in milliseconds of Unix time; 0 where it never has. */
  get autoResponseAt(): u64 {
    connection.autoResponseAt(this.id, RET);
    return load<u8>(RET) == 0 ? 0 : load<u64>(RET, 8);
  }

  /** The value that was attached, or null where there is none or it was not stored as CBOR. */
  get attachment(): Value | null {
    const bytes = this.attachmentBytes;
    return bytes === null ? null : CBOR.decode(bytes);
  }

  get attachmentBytes(): Uint8Array | null {
    connection.getAttachment(this.id, RET);
    return takeReturnedBytes();
  }

  /** Attaches a value of at most 16 KiB of CBOR. It lives as long as the connection. */
  attach<T>(value: T): Status {
    return this.attachBytes(CBOR.encode(Value.from<T>(value)));
  }

  attachBytes(bytes: Uint8Array): Status {
    return <Status>connection.setAttachment(this.id, bytes.dataStart, bytes.byteLength);
  }

  get tags(): string[] {
    connection.tags(this.id, RET);
    return takeReturnedStrings();
  }

  /** At most 10 tags of at most 256 bytes; they replace those that were there. */
  setTags(tags: string[]): Status {
    const table = lowerStrings(tags);
    const status = connection.setTags(this.id, table, tags.length);
    freeLowered(table);
    return <Status>status;
  }
}

/** A message that the host answers by itself, and with what; see `Connection.setAutoResponse`. */
export class AutoResponse {
  constructor(readonly request: string, readonly response: string) {}
}

/** The open connections of this actor. */
export class Connections {
  /** The connection with this id, whether or not it is still open. */
  get(id: u64): Connection {
    return new Connection(id);
  }

  /** The open connections, oldest first: all, or those with the tag. */
  list(tag: string | null = null): Connection[] {
    if (tag === null) {
      connection.list(0, 0, 0, RET);
    } else {
      const data = utf8(tag);
      connection.list(1, pointerOf(data), data.byteLength, RET);
    }
    const table = load<usize>(RET);
    const count = load<i32>(RET, 4);
    const connections = new Array<Connection>(count);
    for (let i = 0; i < count; i++) {
      connections[i] = new Connection(load<u64>(table + (<usize>i << 3)));
    }
    if (count != 0) release(table);
    return connections;
  }

  /** Sends one text to all connections (with the tag, when given) and answers how many those are. */
  broadcast(text: string, tag: string | null = null): u32 {
    const data = utf8(text);
    if (tag === null) return connection.broadcastText(0, 0, 0, pointerOf(data), data.byteLength);
    const label = utf8(tag);
    return connection.broadcastText(
      1, pointerOf(label), label.byteLength, pointerOf(data), data.byteLength
    );
  }

  broadcastBytes(bytes: Uint8Array, tag: string | null = null): u32 {
    if (tag === null) return connection.broadcastBytes(0, 0, 0, bytes.dataStart, bytes.byteLength);
    const label = utf8(tag);
    return connection.broadcastBytes(
      1, pointerOf(label), label.byteLength, bytes.dataStart, bytes.byteLength
    );
  }

  /** Broadcasts the value as a text frame of JSON. */
  broadcastJson(value: Value, tag: string | null = null): u32 {
    return this.broadcast(JSON.stringify(value), tag);
  }
}
