import { clock, identity } from "./abi/imports";
import { RET, takeReturnedString } from "./abi/memory";
import { Alarm } from "./alarm";
import { Connections } from "./connection";
import { Env } from "./env";
import { Log } from "./log";
import { Random } from "./random";
import { Storage } from "./storage";
import { Timers } from "./timer";

/** The kind of event that made this instance start. */
export enum WakingReason { Connect, Message, Close, Fetch, Alarm, Complete }

/** What an actor has around it. The same object is given to every handler. */
export class Context {
  readonly storage: Storage = new Storage();
  readonly alarm: Alarm = new Alarm();
  readonly connections: Connections = new Connections();
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

  /** Milliseconds of Unix time. It stands still during a turn. */
  nowMillis(): u64 {
    return clock.now();
  }
}
