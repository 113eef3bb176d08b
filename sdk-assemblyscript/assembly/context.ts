import { app, clock, identity } from "./abi/imports";
import { RET, pointerOf, takeReturnedBytes, takeReturnedString, utf8 } from "./abi/memory";
import { Alarm } from "./alarm";
import { Connections } from "./connection";
import { Crypto } from "./crypto";
import { Env } from "./env";
import { Log } from "./log";
import { Actors, Web } from "./outside";
import { Random } from "./random";
import { Storage } from "./storage";
import { Timers } from "./timer";

/** The kind of event that made this instance start. */
export enum WakingReason { Connect, Message, Close, Fetch, Alarm, Complete, Call }

/** What an instance is: an actor, or one of the gateways that get the namespace's requests from outside. */
export enum Role { Actor, Gateway }

/** What an actor has around it. The same object is given to every handler. */
export class Context {
  readonly storage: Storage = new Storage();
  readonly alarm: Alarm = new Alarm();
  readonly connections: Connections = new Connections();
  readonly actors: Actors = new Actors();
  readonly web: Web = new Web();
  readonly crypto: Crypto = new Crypto();
  readonly timers: Timers = new Timers();
  readonly random: Random = new Random();
  readonly env: Env = new Env();
  readonly log: Log = new Log();

  private knownName: string = "";
  private knownId: string = "";
  private knownNamespace: string = "";

  /** The actor's name, as callers address it. */
  get name(): string {
    if (this.knownName.length == 0) {
      identity.name(RET);
      this.knownName = takeReturnedString();
    }
    return this.knownName;
  }

  /** 64 hexadecimal digits, derived from namespace and name. */
  get id(): string {
    if (this.knownId.length == 0) {
      identity.id(RET);
      this.knownId = takeReturnedString();
    }
    return this.knownId;
  }

  get namespace(): string {
    if (this.knownNamespace.length == 0) {
      identity.namespace_(RET);
      this.knownNamespace = takeReturnedString();
    }
    return this.knownNamespace;
  }

  get wakingReason(): WakingReason {
    return <WakingReason>identity.wakingReason();
  }

  /** A gateway has no name, storage or alarm. */
  get role(): Role {
    return <Role>app.role();
  }

  /** How many bytes of memory this instance may have, tables included. */
  get memoryLimit(): u64 {
    return app.memoryLimit();
  }

  /** A custom section of the module, or null. Those with debugging information are left out. */
  section(name: string): Uint8Array | null {
    const data = utf8(name);
    app.section(pointerOf(data), data.byteLength, RET);
    return takeReturnedBytes();
  }

  /** Milliseconds of Unix time. It stands still during a turn. */
  nowMillis(): u64 {
    return clock.now();
  }
}
