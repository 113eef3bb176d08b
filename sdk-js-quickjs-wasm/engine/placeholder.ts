/** Stands in for the prelude in tests of the engine: the bundle's handlers get what the glue hands over, as it is. */
export default (host: any) => {
  let handlers: any = {};
  const forward = (name: string) => (...args: unknown[]) => handlers[name]?.(...args);
  const show = (error: any) => {
    host.makeRoom();
    host.log(3, `${error?.name}: ${error?.message}\n${error?.stack}`);
  };
  return {
    start() {
      const source = host.section("dormouse:bundle");
      if (source === undefined) throw new Error("there is no section dormouse:bundle");
      host.evalModule("bundle.js", source).then((module: any) => {
        handlers = module.default(host);
        handlers.start?.();
      });
    },
    connect: forward("connect"),
    message: forward("message"),
    close: forward("close"),
    fetch: forward("fetch"),
    call: forward("call"),
    alarm: forward("alarm"),
    complete: forward("complete"),
    unhandled: show,
    uncaught: show,
    lost: forward("lost"),
  };
};
