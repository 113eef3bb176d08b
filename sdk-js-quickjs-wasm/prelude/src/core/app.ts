import { host } from "./host";

/**
 * What the custom section `dormouse:app` says of an app, as JSON in UTF-8. `dormouse build` writes it.
 * Everything is optional: a module without the section is one actor class, told by its exports.
 */
export interface AppSection {
  /** The namespace that the app is put under where no other is given. */
  name?: string;
  /** Whether the main bundle's default export answers public requests in front of the actors. */
  gateway?: boolean;
  /**
   * The actor classes. For Durable Objects, names under which the bundle exports classes; for
   * ServerlessWorker apps, one identifier for each worker module. An actor's name in the namespace is
   * `Class:name`, unless the app's only class is a worker module.
   */
  classes?: string[];
  /** Durable Object bindings: the name in `env`, and what it stands for. */
  bindings?: Record<string, string | Binding>;
  /** Worker modules: the path as it is written in `new ServerlessWorker(path)`, and its class. */
  workers?: Record<string, string>;
  /**
   * The custom section that holds the bundle of a class, where that is not `dormouse:bundle`. Its
   * source map stands in the section of the same name with `bundle` replaced by `sourcemap`.
   */
  bundles?: Record<string, string>;
  /** Values of `env` that are no strings (the `vars` of a wrangler file). */
  vars?: Record<string, unknown>;
}

/** A binding to a class; with a namespace, to one of another app on the same server. */
export interface Binding {
  class: string;
  namespace?: string;
}

export const MAIN_BUNDLE = "dormouse:bundle";

let section: AppSection | undefined;

export function app(): AppSection {
  if (!section) {
    const bytes = host.section("dormouse:app");
    section = bytes ? (JSON.parse(host.utf8Decode(bytes, false)) as AppSection) : {};
  }
  return section;
}

/** The section of the bundle that a class is in. */
export function bundleOf(className: string | undefined): string {
  return (className !== undefined ? app().bundles?.[className] : undefined) ?? MAIN_BUNDLE;
}

/** No actor of this app can have the name that somebody asked for. */
export class NoSuchActor extends TypeError {}

/** Whether the actors have plain names: those of an app that is one worker module. */
function isPlain(classes: string[]): boolean {
  return classes.length === 0 || (classes.length === 1 && Object.values(app().workers ?? {}).includes(classes[0]!));
}

let plain: boolean | undefined;

/** How the actors of a class are called in the namespace. */
export function actorName(className: string | undefined, name: string): string {
  plain ??= isPlain(app().classes ?? []);
  return className === undefined || plain ? name : className + ":" + name;
}

/**
 * The class and the own name of an actor. Where the app does not name its classes, the actor's name is
 * taken as it is, unless `known` says what the bundle exports.
 */
export function splitName(actor: string, known: string[] = app().classes ?? []): { className: string | undefined; name: string } {
  if (known.length === 0 || isPlain(known)) {
    return { className: known[0], name: actor };
  }
  const at = actor.indexOf(":");
  const className = actor.slice(0, Math.max(at, 0));
  if (!known.includes(className)) {
    throw new NoSuchActor(
      `The actor is called "${actor}", but this app's actors are called Class:name, as ${known.map((each) => each + ":name").join(" or ")}`,
    );
  }
  return { className, name: actor.slice(at + 1) };
}

/** `env` as handlers get it: the host's values, the app's variables, and what `bind` makes of bindings. */
export function environment(bind: (binding: Binding) => unknown): Record<string, unknown> {
  const env: Record<string, unknown> = { ...app().vars, ...host.env() };
  for (const [name, binding] of Object.entries(app().bindings ?? {})) {
    env[name] = bind(typeof binding === "string" ? { class: binding } : binding);
  }
  return env;
}
