#!/bin/sh
# Builds a JavaScript or TypeScript app into a WebAssembly module: js-wasm.sh DIR OUT.wasm PLAN
# where PLAN is JSON: {"main": file or null, "worker": file or null, "classes": [...]}.
# js-wasm.sh --engine prints the path of the engine that scripts run on.
# The engine is built on first use, and kept in .cache of the checkout. Exits 2 where something is
# missing, 1 where the app does not build or the command is wrong.
set -eu

sdk=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd)
cache=$(dirname -- "$sdk")/.cache/js

# The bundler is one of the packages that are installed to build the engine.
[ -d "$sdk/node_modules/esbuild" ] || rm -f "$cache/engine.wasm"
if [ ! -f "$cache/engine.wasm" ]; then
    echo "js-wasm: building the JavaScript engine (once)" >&2
fi
sh "$sdk/toolchain/js-engine.sh" "$cache" >&2 || exit $?
if [ "${1:-}" = --engine ] && [ $# -eq 1 ]; then
    echo "$cache/engine.wasm"
    exit 0
fi
if [ $# -ne 3 ]; then
    echo "js-wasm: say which app to build, where to put the module, and how: js-wasm.sh DIR OUT.wasm PLAN" >&2
    exit 1
fi
exec node "$sdk/toolchain/bundle.mjs" "$cache/engine.wasm" "$1" "$2" "$3"
