#!/bin/sh
# Builds a JavaScript or TypeScript app into a WebAssembly module: js-wasm.sh DIR OUT.wasm PLAN
# where PLAN is JSON: {"main": file or null, "worker": file or null, "classes": [...]}.
# js-wasm.sh --engine prints the path of the engine that scripts run on.
# Installs what it needs beside the SDK, and builds the engine, on first use. Exits 2 where something
# is missing or the command is wrong, 1 where the app does not build.
set -eu

fail() {
    echo "js-wasm: $1" >&2
    exit 2
}

command -v node >/dev/null 2>&1 || fail "JavaScript apps need Node.js 20 or newer to be built, and there is no node on PATH: install it from https://nodejs.org"
command -v npm >/dev/null 2>&1 || fail "JavaScript apps need npm to be built, and there is none on PATH: it comes with Node.js"

sdk=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd)
cache=$(dirname -- "$sdk")/.cache/js
engine=$cache/engine.wasm
lock=$sdk/.installing

# The folder of an npm package has everything when npm has written its hidden lock file since.
installed() {
    [ "$1/node_modules/.package-lock.json" -nt "$1/package.json" ]
}

up_to_date() {
    installed "$sdk" && installed "$sdk/prelude" && [ -f "$engine" ] &&
        [ -z "$(find "$sdk/build.mjs" "$sdk/package.json" "$sdk/engine" "$sdk/prelude/package.json" "$sdk/prelude/src" \
            -name node_modules -prune -o -type f -newer "$engine" -print | head -n 1)" ]
}

install() {
    installed "$1" && return
    echo "js-wasm: installing $2 (once)" >&2
    # The lock file of one platform does not fit all others, so versions are pinned in package.json.
    (cd "$1" && npm install --no-package-lock --omit=dev --ignore-scripts --no-audit --no-fund --loglevel=error >&2) ||
        fail "npm could not install $2: see its message above"
    touch "$1/node_modules/.package-lock.json"
}

# One build sets up, others that run at the same time wait for it.
set_up() {
    node -e 'process.exit(Number(process.versions.node.split(".")[0]) >= 20 ? 0 : 1)' ||
        fail "JavaScript apps need Node.js 20 or newer to be built, and node on PATH is $(node --version)"
    waited=0
    until mkdir "$lock" 2>/dev/null; do
        owner=$(cat "$lock/pid" 2>/dev/null || echo)
        if [ -n "$owner" ] && ! kill -0 "$owner" 2>/dev/null; then
            rm -rf "$lock"
            continue
        fi
        waited=$((waited + 1))
        [ "$waited" -le 300 ] || fail "another build has been setting up JavaScript for 5 minutes: if none is running, remove $lock"
        sleep 1
    done
    echo $$ >"$lock/pid"
    trap 'rm -rf "$lock"' EXIT
    trap 'exit 130' INT TERM
    if ! up_to_date; then
        install "$sdk" "the JavaScript bundler and QuickJS"
        install "$sdk/prelude" "what the JavaScript engine is made of"
        echo "js-wasm: building the JavaScript engine (once)" >&2
        rm -rf "$cache/fresh"
        mkdir -p "$cache/fresh"
        : >"$cache/fresh/started"
        (cd "$sdk" && node build.mjs "$cache/fresh" >&2) ||
            fail "the JavaScript engine could not be built: see the message above"
        # A source that changed meanwhile makes the engine out of date.
        touch -r "$cache/fresh/started" "$cache/fresh/engine.wasm"
        mv "$cache/fresh/engine.wasm" "$engine"
        rm -rf "$cache/fresh"
    fi
    rm -rf "$lock"
    trap - EXIT INT TERM
}

up_to_date || set_up
if [ "${1:-}" = --engine ] && [ $# -eq 1 ]; then
    echo "$engine"
    exit 0
fi
if [ $# -ne 3 ]; then
    echo "js-wasm: say which app to build, where to put the module, and how: js-wasm.sh DIR OUT.wasm PLAN" >&2
    exit 1
fi
exec node "$sdk/toolchain/bundle.mjs" "$engine" "$1" "$2" "$3"
