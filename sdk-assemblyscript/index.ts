/** Durable actors for Dormouse: derive from Actor, override the handlers that you need, mark the class `@actor`. */
export { Actor, actor, includeText } from "./assembly/actor";
export { Context, Role, WakingReason } from "./assembly/context";
export { Storage, ListOptions, Entry } from "./assembly/storage";
export { Alarm } from "./assembly/alarm";
export { AutoResponse, Connection, Connections } from "./assembly/connection";
export { Message } from "./assembly/message";
export { Headers, Request, Response } from "./assembly/http";
export { Timers } from "./assembly/timer";
export { ActorRef, Actors, Redirects, Web } from "./assembly/outside";
export { Call } from "./assembly/rpc";
export { Outcome } from "./assembly/outcome";
export { FailureKind } from "./assembly/failure";
export { Aes, Crypto, Curve, Hash, KeyPair } from "./assembly/crypto";
export { Random } from "./assembly/random";
export { Env } from "./assembly/env";
export { Log, Level } from "./assembly/log";
export { Status, statusText } from "./assembly/status";
export { Value, Kind } from "./assembly/value";
export { CBOR } from "./assembly/cbor";
export { JSON } from "./assembly/json";

// The transform makes every module's exports of these, and aliases the language's own names to
// them, so they are parsed with every program. What is not used is not compiled.
import "./assembly/abi/exports";
import "./assembly/abi/globals";
