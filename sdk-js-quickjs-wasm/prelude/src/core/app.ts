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
   * ServerlessWorker apps, one identifier for each worker module. With more than one, an actor's name
   * in the namespace is `Class:name`.
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
  /** Whether the other app has only this class, so that its actors have plain names. */
  only?: boolean;
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

/** How the actors of a class are called in the namespace. */
export function actorName(className: string | undefined, name: string): string {
  return (app().classes?.length ?? 0) > 1 && className !== undefined ? className + ":" + name : name;
}

/** The class and the own name of an actor. */
export function splitName(actor: string): { className: string | undefined; name: string } {
  const classes = app().classes ?? [];
  if (classes.length > 1) {
    const at = actor.indexOf(":");
    const className = actor.slice(0, Math.max(at, 0));
    if (!classes.includes(className)) {
      throw new TypeError(
        `The actor is called "${actor}", but this app's actors are called Class:name, with one of the classes ${classes.join(", ")}`,
      );
    }
    return { className, name: actor.slice(at + 1) };
  }
  return { className: classes[0], name: actor };
}

/** `env` as handlers get it: the host's values, the app's variables, and what `bind` makes of bindings. */
export function environment(bind: (binding: Binding) => unknown): Record<string, unknown> {
  const env: Record<string, unknown> = { ...app().vars, ...host.env() };
  for (const [name, binding] of Object.entries(app().bindings ?? {})) {
    env[name] = bind(typeof binding === "string" ? { class: binding } : binding);
  }
  return env;
}
