import { Connection } from "./connection";
import { Context } from "./context";
import { Request, Response } from "./http";
import { Message } from "./message";
import { Outcome } from "./outcome";
import { Call } from "./rpc";

/**
 * An actor. Derive from it, mark the class `@actor`, and override the handlers that you need: the
 * module exports those and no others, and the host answers the rest with `no_handler`. Each call is
 * a turn: all that it stores, sends and sets takes effect together when it returns, and nothing of
 * it does when it throws. Fields live as long as the instance; what must survive goes to storage.
 */
export abstract class Actor {
  /** Once in an instance's life, before its first event. */
  start(ctx: Context): void {}

  /** A client opened a connection; `connection.reject` refuses it, and `connection.defer` lets it wait. */
  connect(ctx: Context, connection: Connection, request: Request): void {}

  message(ctx: Context, connection: Connection, message: Message): void {}

  /** The connection is gone; the code is 1006 where the client left without saying one. */
  close(ctx: Context, connection: Connection, code: u16, reason: string): void {}

  /** An HTTP request. An actor that answers null owes the answer through `request.respond`. */
  fetch(ctx: Context, request: Request): Response | null {
    return null;
  }

  /** Another actor calls. An actor that answers null owes the answer through `call.respond`. */
  call(ctx: Context, call: Call): Outcome | null {
    return Outcome.failure("no_handler: this actor answers no calls");
  }

  /** The alarm is due. `attempt` counts from 0; `dueMillis` is the time that it was set to. */
  alarm(ctx: Context, attempt: u32, dueMillis: u64): void {}

  /** An operation has ended: a timer, or what was asked of another actor or of the world outside. */
  complete(ctx: Context, operation: u64, outcome: Outcome): void {}
}

/** Marks the one class that a module is. Used as `@actor`; the transform reads it. */
export function actor<T>(constructor: T): void {}

/** The text of a file, read when the module is built. The path is a literal, relative to the source file. */
export function includeText(path: string): string {
  ERROR("includeText takes one string literal and needs the transform @dormouse/assemblyscript/transform");
  return path;
}
