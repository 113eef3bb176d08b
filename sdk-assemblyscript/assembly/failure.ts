/** The kinds of failures: one for each code of the contract. */
export enum FailureKind {
  /** It did not fail. */
  None,
  /** Nothing is deployed under the namespace. */
  NamespaceNotFound,
  /** The request is malformed: its URL, a header, or what it asks for. */
  BadRequest,
  /** What was sent is over its limit. */
  PayloadTooLarge,
  /** The other actor lacks the handler. */
  NoHandler,
  /** The other actor or the server has too much to do, or the calls nest too deep. */
  Overloaded,
  /** The other's turn used up its fuel. */
  OutOfFuel,
  /** The other grew beyond its memory limit. */
  MemoryExceeded,
  /** The other's calls nested too deep. */
  StackExhausted,
  /** The other's handler threw. */
  ActorTrapped,
  /** The disk or the other's storage is full. */
  StorageFull,
  /** What the other's turn wrote could not be made durable. */
  StorageFailed,
  /** It took too long. */
  Timeout,
  /** The server is stopping. */
  ShuttingDown,
  /** The server does not let this namespace reach that host: its manifest does not list it. No try will be different. */
  EgressDenied,
  /** There is no such host, no connection to it, or it broke. */
  Unreachable,
  /** The host has no TLS certificate that the server trusts. */
  Untrusted,
  /** The answer was a redirect, which was not wanted, or one too many. */
  Redirected,
  /** The answer is over the limit of a body. */
  ResponseTooLarge,
  /** Another actor's own error, or a code that this version of the SDK does not know. */
  Other,
}

/** In the order of the enumeration. */
const CODES: StaticArray<string> = [
  "",
  "namespace_not_found",
  "bad_request",
  "payload_too_large",
  "no_handler",
  "overloaded",
  "out_of_fuel",
  "memory_exceeded",
  "stack_exhausted",
  "actor_trapped",
  "storage_full",
  "storage_failed",
  "timeout",
  "shutting_down",
  "egress_denied",
  "unreachable",
  "untrusted",
  "redirected",
  "response_too_large",
];

/** What kind of failure a code stands for. */
export function kindOf(code: string): FailureKind {
  for (let i = 1; i < CODES.length; i++) {
    if (CODES[i] == code) return <FailureKind>i;
  }
  return FailureKind.Other;
}
