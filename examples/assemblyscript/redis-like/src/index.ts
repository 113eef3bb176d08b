import { Actor, Connection, Context, ListOptions, Message, Status, Value, actor, statusText } from "@dormouse/assemblyscript";

/** A small key-value store: GET, SET, DEL and KEYS as JSON frames. Values are any JSON. */
@actor
export class RedisLike extends Actor {
  message(ctx: Context, connection: Connection, message: Message): void {
    const command = message.json();
    connection.sendJson(command === null ? failure("send a command as JSON") : run(ctx, command));
  }
}

function run(ctx: Context, command: Value): Value {
  const name = command.get("command").asString();
  if (name == "KEYS") return success().set("keys", keys(ctx));
  if (name != "GET" && name != "SET" && name != "DEL") return failure("unknown command");
  const key = command.get("key").asString();
  if (key.length == 0) return failure(name + " needs a key");
  const slot = "value:" + key;
  if (name == "DEL") return success().set("deleted", ctx.storage.delete(slot));
  if (name == "GET") {
    const value = ctx.storage.get(slot);
    return success().set("value", value === null ? Value.NULL : value);
  }
  if (!command.has("value")) return failure("SET needs a value");
  const status = ctx.storage.tryPut(slot, command.get("value"));
  return status == Status.Ok ? success() : failure(statusText(status));
}

function keys(ctx: Context): string[] {
  const entries = ctx.storage.list(ListOptions.withPrefix("value:"));
  const keys = new Array<string>();
  for (let i = 0; i < entries.length; i++) keys.push(entries[i].key.substring("value:".length));
  return keys;
}

function success(): Value {
  return Value.object().set("status", "success");
}

function failure(message: string): Value {
  return Value.object().set("status", "error").set("message", message);
}
