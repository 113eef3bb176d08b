import { DOMException } from "../core/errors";
import { host } from "../core/host";
import { outcome } from "../core/operations";
import { drainContent, headersIn, isReady, Part, type Parts, takeContent } from "./body";
import { listOf, placeOf } from "./headers";
import { isRequest, Request, requestParts } from "./request";
import { receivedFrom, receivedSocket, type Response } from "./response";
import { connectOut, socketOn } from "./websocket";

/** Whether a request asks for a WebSocket. */
export function wantsWebSocket(parts: Parts): boolean {
  const headers = parts[Part.Headers];
  if (typeof headers === "string" && !headers.includes("upgrade\0")) {
    return false;
  }
  const list = listOf(headersIn(parts));
  const at = placeOf(list, "upgrade");
  return at >= 0 && list[at + 1]!.toLowerCase() === "websocket";
}

/** The sub-protocols that a request offers. */
export function protocolsIn(parts: Parts): string[] {
  const headers = parts[Part.Headers];
  if (typeof headers === "string" && !headers.includes("sec-websocket-protocol\0")) {
    return [];
  }
  const offered = headersIn(parts).get("sec-websocket-protocol");
  return offered === null ? [] : offered.split(",").map((name) => name.trim()).filter(Boolean);
}

/** Headers that belong to one hop, and are not sent on. */
const OF_ONE_HOP = /^(connection|upgrade|keep-alive|transfer-encoding|content-length|sec-websocket-.*|host|te|trailer)$/;

export function onward(headers: string[]): string[] {
  return headers.filter((_, i) => !OF_ONE_HOP.test(headers[i - (i % 2)]!));
}

/** The headers of a request as the host takes them. */
export function headersToSend(parts: Parts): string | string[] {
  const headers = parts[Part.Headers];
  return typeof headers === "string" ? headers : listOf(headers);
}

/** A request to the outside, under the server's egress policy. */
export async function fetch(input: unknown, init?: any): Promise<Response> {
  const parts = requestParts(isRequest(input) && init === undefined ? input : new Request(input, init));
  const signal: AbortSignal | undefined = parts[Part.Signal];
  signal?.throwIfAborted();
  const asked: string = parts[Part.Url];
  if (wantsWebSocket(parts)) {
    return openOut(asked.replace(/^http/, "ws"), parts);
  }
  if (!/^https?:/.test(asked)) {
    throw new TypeError(`fetch takes http and https, not ${asked.slice(0, 80)}`);
  }
  const taken = takeContent(parts);
  const content = isReady(taken) ? taken : await drainContent(taken);
  const redirect = parts[Part.Redirect] === "manual" ? 1 : parts[Part.Redirect] === "error" ? 2 : 0;
  const method = parts[Part.Method];
  const headers = headersToSend(parts);
  let answer: Parts;
  try {
    answer = await outcome<Parts>(() => host.webFetch(method, asked, headers, content, redirect), signal);
  } catch (error) {
    throw networkError(error);
  }
  const url = answer[Part.From] ?? asked;
  return receivedFrom(answer, url, url !== asked);
}

/** Callers of fetch expect a TypeError where no answer came; the code stays on it. */
function networkError(error: unknown): unknown {
  if (error instanceof DOMException || !(error instanceof Error) || !("code" in error)) {
    return error;
  }
  const { code, overloaded, retryable } = error as any;
  return Object.assign(new TypeError(error.message), { code, overloaded, retryable });
}

function openOut(url: string, parts: Parts): Promise<Response> {
  return new Promise((resolve, reject) => {
    connectOut(
      url,
      protocolsIn(parts),
      onward(listOf(headersIn(parts))),
      (line, protocol) => resolve(upgraded(line, protocol)),
      reject,
    );
  });
}

/** A response whose WebSocket is a connection of this actor's own. */
export function upgraded(line: number, protocol: string | null): Response {
  return receivedSocket(socketOn(line, protocol), protocol ? "sec-websocket-protocol\0" + protocol : "");
}
