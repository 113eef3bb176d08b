import { DOMException } from "../core/errors";
import { type HeaderPairs, host } from "../core/host";
import { outcome } from "../core/operations";
import { bytesIn, takeContent } from "./body";
import { pairsOf } from "./headers";
import { Request, signalOf } from "./request";
import { received, type Response } from "./response";
import { connectOut, socketOn } from "./websocket";

type Answer = [number, HeaderPairs, Uint8Array, string?];

export function responseFrom(answer: Answer, url = "", redirected = false): Response {
  const [status, headers, body] = answer;
  const empty = body.length === 0 && (status === 204 || status === 205 || status === 304);
  return received({
    status,
    headers,
    content: empty ? null : body,
    url,
    redirected,
    webSocket: null,
    type: "default",
  });
}

export function wantsWebSocket(headers: HeaderPairs): boolean {
  return headers.some(([name, value]) => name.toLowerCase() === "upgrade" && value.toLowerCase() === "websocket");
}

export function protocolsIn(headers: HeaderPairs): string[] {
  return headers
    .filter(([name]) => name.toLowerCase() === "sec-websocket-protocol")
    .flatMap(([, value]) => value.split(","))
    .map((name) => name.trim())
    .filter(Boolean);
}

/** Headers that belong to one hop, and are not sent on. */
const OF_ONE_HOP = /^(connection|upgrade|keep-alive|transfer-encoding|content-length|sec-websocket-.*|host|te|trailer)$/;

export function onward(headers: HeaderPairs): HeaderPairs {
  return headers.filter(([name]) => !OF_ONE_HOP.test(name));
}

/** A request to the outside, under the server's egress policy. */
export async function fetch(input: unknown, init?: any): Promise<Response> {
  const request = input instanceof Request && init === undefined ? input : new Request(input, init);
  const signal = signalOf(request);
  signal?.throwIfAborted();
  const headers = pairsOf(request.headers);
  if (wantsWebSocket(headers)) {
    return openOut(request.url.replace(/^http/, "ws"), headers);
  }
  if (!/^https?:/.test(request.url)) {
    throw new TypeError(`fetch takes http and https, not ${request.url.slice(0, 80)}`);
  }
  const body = await bytesIn(takeContent(request));
  const redirect = request.redirect === "follow" ? 0 : request.redirect === "manual" ? 1 : 2;
  const sent = headers.filter(([name]) => !/^(content-length|host|connection|transfer-encoding)$/.test(name));
  let answer: Answer;
  try {
    answer = await outcome<Answer>(host.webFetch(request.method, request.url, sent, body, redirect), signal);
  } catch (error) {
    throw networkError(error);
  }
  const url = answer[3] ?? request.url;
  return responseFrom(answer, url, url !== request.url);
}

/** Callers of fetch expect a TypeError where no answer came; the code stays on it. */
function networkError(error: unknown): unknown {
  if (error instanceof DOMException || !(error instanceof Error) || !("code" in error)) {
    return error;
  }
  const { code, overloaded, retryable } = error as any;
  return Object.assign(new TypeError(error.message), { code, overloaded, retryable });
}

function openOut(url: string, headers: HeaderPairs): Promise<Response> {
  return new Promise((resolve, reject) => {
    connectOut(
      url,
      protocolsIn(headers),
      onward(headers),
      (line, protocol) => resolve(upgraded(line, protocol)),
      reject,
    );
  });
}

/** A response whose WebSocket is a connection of this actor's own. */
export function upgraded(line: number, protocol: string | null): Response {
  return received({
    status: 101,
    headers: protocol ? [["sec-websocket-protocol", protocol]] : [],
    content: null,
    url: "",
    redirected: false,
    webSocket: socketOn(line, protocol),
    type: "default",
  });
}
