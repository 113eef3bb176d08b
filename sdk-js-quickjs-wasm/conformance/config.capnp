# The same app as `wrangler.jsonc`, for workerd.
using Workerd = import "/workerd/workerd.capnp";

const config :Workerd.Config = (
  services = [
    (name = "main", worker = .conformance),
    (name = "disk", disk = (path = "conformance-data", writable = true)),
  ],
  sockets = [(name = "http", address = "127.0.0.1:0", http = (), service = "main")],
);

const conformance :Workerd.Worker = (
  modules = [(name = "bundle.mjs", esModule = embed "build/bundle.mjs")],
  compatibilityDate = "2026-11-01",
  durableObjectNamespaces = [
    (className = "Lab", uniqueKey = "conformance-lab", enableSql = true),
    (className = "Methods", uniqueKey = "conformance-methods", enableSql = true),
    (className = "Other", uniqueKey = "conformance-other", enableSql = true),
    (className = "Plain", uniqueKey = "conformance-plain", enableSql = true),
    (className = "Broken", uniqueKey = "conformance-broken", enableSql = true),
    (className = "Alarmist", uniqueKey = "conformance-alarmist", enableSql = true),
    (className = "Gated", uniqueKey = "conformance-gated", enableSql = true),
    (className = "Room", uniqueKey = "conformance-room", enableSql = true),
    (className = "Talker", uniqueKey = "conformance-talker", enableSql = true),
  ],
  durableObjectStorage = (localDisk = "disk"),
  bindings = [
    (name = "GREETING", text = "hello"),
    (name = "SETTINGS", json = "{\"depth\": 3, \"names\": [\"a\", \"b\"]}"),
    (name = "LAB", durableObjectNamespace = "Lab"),
    (name = "RPC", durableObjectNamespace = "Methods"),
    (name = "OTHER", durableObjectNamespace = "Other"),
    (name = "PLAIN", durableObjectNamespace = "Plain"),
    (name = "BROKEN", durableObjectNamespace = "Broken"),
    (name = "ALARM", durableObjectNamespace = "Alarmist"),
    (name = "GATE", durableObjectNamespace = "Gated"),
    (name = "ROOM", durableObjectNamespace = "Room"),
    (name = "TALKER", durableObjectNamespace = "Talker"),
  ],
);
