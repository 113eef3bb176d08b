import { base64url, bytesOf, unbase64url } from "../web/encoding";
import { DOMException } from "./errors";
import { host } from "./host";

/**
 * The parts of the prelude that few actors use. They are not in the snapshot: each is bytecode in a
 * section of the module, which all instances share, until an actor asks for it first.
 */
interface Late {
  crypto: typeof import("../late/crypto");
  pattern: typeof import("../late/pattern");
  streams: typeof import("../late/streams");
}

const loaded: Partial<Late> = {};

/** What the late parts use of the prelude; the build looks for no other names of it in them. */
const common = () => ({ host, DOMException, base64url, bytesOf, unbase64url });

export function late<Name extends keyof Late>(name: Name): Late[Name] {
  return (loaded[name] ??= (host.evalPart("dormouse:prelude-" + name) as (common: object) => Late[Name])(common()));
}
