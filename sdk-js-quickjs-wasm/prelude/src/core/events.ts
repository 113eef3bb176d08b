import type { Parts } from "../web/body";
import type { Socket } from "../web/websocket";

/** What the program of an instance does with its events. Handlers answer for their own errors. */
export interface Program {
  /** Makes ready for events: constructs the object where there is none. Must not throw. */
  prepare(): void;
  fetch(request: number, parts: Parts): void;
  connect(connection: number, url: string, upgrade: Parts): void;
  /** An event of a connection that no socket of this instance holds. */
  message(connection: number, data: string | Uint8Array): void;
  close(connection: number, code: number, reason: string): void;
  call(request: number, payload: unknown): void;
  alarm(attempt: number, dueMillis: number): void;
  /** A socket of this instance has a message; false: deliver it to its listeners. */
  intercept(socket: Socket, data: string | Uint8Array): boolean;
}
