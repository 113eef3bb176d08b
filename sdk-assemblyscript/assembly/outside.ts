import { actors, web } from "./abi/imports";
import {
  RET, freeLowered, lowerStrings, pointerOf, takeReturnedString, takeString, utf8
} from "./abi/memory";
import { Headers, Request } from "./http";

/**
 * The other actors of the server. What is asked of them answers the id of an operation, or 0 where
 * too many are open (256, with those of `web`). It starts when the turn is durable, and its outcome
 * comes to `complete`. Operations do not outlive the instance, and keep it awake.
 */
export class Actors {
  /** The actor of this name, in this actor's namespace or another one. */
  get(name: string, namespace: string | null = null): ActorRef {
    return new ActorRef(name, namespace);
  }

  /** Gives up an operation: its outcome will not arrive. Answers whether it was open. */
  cancel(operation: u64): bool {
    return actors.cancel(operation) != 0;
  }

  /**
   * The name by which others can `call` this instance. An actor's is its own. A gateway's serves for
   * calls alone, and only while the gateway is there.
   */
  get address(): string {
    actors.address(RET);
    return takeReturnedString();
  }

  /** The id of the actor of this actor's namespace that has this name. It need not exist. */
  idOf(name: string): string {
    const data = utf8(name);
    actors.idOf(pointerOf(data), data.byteLength, RET);
    return takeReturnedString();
  }

  /** The name of the actor of this actor's namespace that has this id, or null where it is not known. */
  nameOf(id: string): string | null {
    const data = utf8(id);
    actors.nameOf(pointerOf(data), data.byteLength, RET);
    if (load<u8>(RET) == 0) return null;
    return takeString(load<usize>(RET, 4), load<i32>(RET, 8));
  }
}

/** Another actor, by its name. */
export class ActorRef {
  constructor(readonly name: string, readonly namespace: string | null) {}

  /** Sends it an HTTP request, whose URL starts with `/`; see `outcome.response`. */
  fetch(request: Request): u64 {
    const space = this.space();
    const name = utf8(this.name);
    const method = utf8(request.method);
    const url = utf8(request.url);
    const headers = request.headers.lower();
    const body = request.body;
    const operation = actors.fetch(
      this.hasSpace, pointerOf(space), space.byteLength, pointerOf(name), name.byteLength,
      pointerOf(method), method.byteLength, pointerOf(url), url.byteLength,
      headers, request.headers.length, body.dataStart, body.byteLength
    );
    freeLowered(headers);
    return operation;
  }

  /** Calls its `call`; the outcome is its answer. */
  call(payload: Uint8Array): u64 {
    const space = this.space();
    const name = utf8(this.name);
    return actors.call(
      this.hasSpace, pointerOf(space), space.byteLength, pointerOf(name), name.byteLength,
      payload.dataStart, payload.byteLength
    );
  }

  /** Opens a connection to it, at a URL that starts with `/`; see `outcome.connection`. */
  connect(url: string, headers: Headers = new Headers()): u64 {
    const space = this.space();
    const name = utf8(this.name);
    const target = utf8(url);
    const table = headers.lower();
    const operation = actors.connect(
      this.hasSpace, pointerOf(space), space.byteLength, pointerOf(name), name.byteLength,
      pointerOf(target), target.byteLength, table, headers.length
    );
    freeLowered(table);
    return operation;
  }

  private get hasSpace(): i32 {
    return this.namespace === null ? 0 : 1;
  }

  private space(): ArrayBuffer {
    const namespace = this.namespace;
    return utf8(namespace === null ? "" : namespace);
  }
}

/** What a request does with an answer that points elsewhere. */
export enum Redirects {
  /** Goes there, at most 20 times. */
  Follow,
  /** Takes the first answer as it is. */
  Manual,
  /** Fails with the code `redirected`. */
  Fail,
}

/**
 * The world outside, as far as the app's manifest and the server let this namespace reach it; what
 * they do not allow fails as `FailureKind.EgressDenied`, with the reason. Operations are as those of `actors`.
 */
export class Web {
  /** Sends a request to an absolute `http` or `https` URL; see `outcome.response`. */
  fetch(request: Request, redirects: Redirects = Redirects.Follow): u64 {
    const method = utf8(request.method);
    const url = utf8(request.url);
    const headers = request.headers.lower();
    const body = request.body;
    const operation = web.fetch(
      pointerOf(method), method.byteLength, pointerOf(url), url.byteLength,
      headers, request.headers.length, body.dataStart, body.byteLength, redirects
    );
    freeLowered(headers);
    return operation;
  }

  /** Opens a WebSocket to an absolute URL, offering these sub-protocols; see `outcome.connection`. */
  connect(url: string, protocols: string[] = [], headers: Headers = new Headers()): u64 {
    const target = utf8(url);
    const offers = lowerStrings(protocols);
    const table = headers.lower();
    const operation = web.connect(
      pointerOf(target), target.byteLength, offers, protocols.length, table, headers.length
    );
    freeLowered(offers);
    freeLowered(table);
    return operation;
  }

  /** Gives up an operation, as `actors.cancel` does. */
  cancel(operation: u64): bool {
    return actors.cancel(operation) != 0;
  }
}
