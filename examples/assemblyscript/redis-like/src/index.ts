import {
  Actor, Connection, Context, ListOptions, Message, Status, Value, actor, statusText
} from "@dormouse/assemblyscript";

/** Users' keys lie under a prefix, so that the actor has room for others of its own. */
const PREFIX = "data:";

/** A durable key-value store for each name. */
@actor
export class Store extends Actor {
  message(ctx: Context, connection: Connection, message: Message): void {
    const request = message.json();
    connection.sendJson(request === null ? failure("the message is not JSON") : run(ctx, request));
  }
}

function run(ctx: Context, request: Value): Value {
  const command = request.get("command").asString();
  const name = request.get("key").asString();
  const key = PREFIX + name;
  if (command == "KEYS") {
    const keys = ctx.storage.keys(ListOptions.withPrefix(key));
    for (let i = 0; i < keys.length; i++) keys[i] = keys[i].substring(PREFIX.length);
    return success().set("keys", keys);
  }
  if (command.length == 0) return failure("name a command: GET, SET, DEL or KEYS");
  if (command != "GET" && command != "SET" && command != "DEL") {
    return failure("there is no command " + command + "; use GET, SET, DEL or KEYS");
  }
  if (name.length == 0) return failure("the command needs a key: a text that is not empty");
  if (command == "GET") {
    const value = ctx.storage.get(key);
    return success().set("value", value === null ? Value.NULL : value);
  }
  if (command == "DEL") return success().set("deleted", ctx.storage.delete(key));
  if (!request.has("value")) return failure("SET needs a value");
  const value = request.get("value");
  const status = ctx.storage.tryPut(key, value);
  return status == Status.Ok ? success().set("value", value) : failure(statusText(status));
}

function success(): Value {
  return Value.object().set("status", "success");
}

function failure(message: string): Value {
  return Value.object().set("status", "error").set("message", message);
}
