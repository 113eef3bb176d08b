using Workerd = import "/workerd/workerd.capnp";

const config :Workerd.Config = (
  services = [
    (name = "main", worker = .counter),
    (name = "disk", disk = (path = "peer-data", writable = true)),
  ],
  sockets = [(name = "http", address = "127.0.0.1:0", http = (), service = "main")],
);

const counter :Workerd.Worker = (
  modules = [
    (name = "counter.js", esModule = embed "../apps/counter-js/counter.js"),
    (name = "work.js", esModule = embed "../apps/counter-js/work.js"),
  ],
  compatibilityDate = "2025-11-01",
  durableObjectNamespaces = [(className = "Counter", uniqueKey = "bench-counter", enableSql = true)],
  durableObjectStorage = (localDisk = "disk"),
  bindings = [(name = "COUNTER", durableObjectNamespace = "Counter")],
);
