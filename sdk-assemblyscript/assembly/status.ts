/** What a call that can be refused answers: the enum `status` of dormouse.wit. */
export enum Status {
  Ok,
  /** The key is empty or longer than the server's limit. */
  KeyTooLarge,
  /** The value, attachment, frame or body is larger than its limit. */
  ValueTooLarge,
  /** The actor's storage limit would be passed. */
  StorageFull,
  /** There is no such connection, request or operation, or it has ended. */
  NotFound,
  /** A bound on how many would be passed. */
  TooMany,
  /** An argument has no meaning here. */
  Invalid,
}

/** A status in words, for messages and logs. */
export function statusText(status: Status): string {
  switch (status) {
    case Status.Ok: return "ok";
    case Status.KeyTooLarge: return "the key is empty or too long";
    case Status.ValueTooLarge: return "the value is too large";
    case Status.StorageFull: return "the actor's storage is full";
    case Status.NotFound: return "there is no such thing, or it has ended";
    case Status.TooMany: return "there are too many";
    default: return "an argument is invalid";
  }
}
