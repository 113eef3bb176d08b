/**
 * The exports of dormouse.wit in their flat form. The transform re-exports those that the actor's
 * class overrides, with cabi_realloc, from an entry file of its own, which calls `install` first.
 */
import { Actor } from "../actor";
import { Connection } from "../connection";
import { Context } from "../context";
import { Headers, Request } from "../http";
import { Message } from "../message";
import { Outcome } from "../outcome";
import { Call } from "../rpc";
import { NO_BYTES, takeBytes, takeString } from "./memory";

export { cabi_realloc } from "./memory";

@lazy const context = new Context();
@lazy let current: Actor | null = null;

function self(): Actor {
  const instance = current;
  if (instance === null) throw new Error("an event came before the module was started");
  return instance;
}

export function install(instance: Actor): void {
  current = instance;
  instance.start(context);
}

export function connect(
  connection: u64, url: usize, urlLength: i32, headers: usize, headerCount: i32
): void {
  const target = takeString(url, urlLength);
  const request = new Request(0, "GET", target, Headers.take(headers, headerCount), NO_BYTES);
  self().connect(context, new Connection(connection), request);
}

export function message(connection: u64, isBytes: i32, payload: usize, length: i32): void {
  const message = isBytes
    ? new Message(false, "", takeBytes(payload, length))
    : new Message(true, takeString(payload, length), NO_BYTES);
  self().message(context, new Connection(connection), message);
}

export function close(connection: u64, code: i32, reason: usize, length: i32): void {
  self().close(context, new Connection(connection), <u16>code, takeString(reason, length));
}

export function fetch(
  id: u64, method: usize, methodLength: i32, url: usize, urlLength: i32,
  headers: usize, headerCount: i32, body: usize, bodyLength: i32
): void {
  const verb = takeString(method, methodLength);
  const target = takeString(url, urlLength);
  const fields = Headers.take(headers, headerCount);
  const request = new Request(id, verb, target, fields, takeBytes(body, bodyLength));
  const response = self().fetch(context, request);
  if (response !== null) request.respond(response);
}

export function call(id: u64, payload: usize, length: i32): void {
  const call = new Call(id, takeBytes(payload, length));
  const outcome = self().call(context, call);
  if (outcome !== null) call.respond(outcome);
}

export function alarm(attempt: u32, dueMillis: u64): void {
  self().alarm(context, attempt, dueMillis);
}

export function complete(operation: u64, failed: i32, payload: usize, length: i32): void {
  const outcome = failed
    ? new Outcome(false, NO_BYTES, takeString(payload, length))
    : new Outcome(true, takeBytes(payload, length), "");
  self().complete(context, operation, outcome);
}
