#!/bin/sh
# Builds the engine of JavaScript actors into a folder, as OUT/engine.wasm: js-engine.sh OUT
# Does nothing where what is there is as new as its sources. Installs what it needs beside the
# sources on first use. Exits 2 where something is missing or the command is wrong, 1 where the
# build fails.
set -eu

fail() {
    echo "js-engine: $1" >&2
    exit 2
}

[ $# -eq 1 ] || fail "say where to put the engine: js-engine.sh OUT"
command -v node >/dev/null 2>&1 || fail "JavaScript actors need Node.js 20 or newer to be built, and there is no node on PATH: install it from https://nodejs.org"
command -v npm >/dev/null 2>&1 || fail "installing what builds the engine needs npm, and there is none on PATH: it comes with Node.js"

sdk=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd)
mkdir -p "$1" || fail "cannot make the folder $1"
out=$(CDPATH='' cd -- "$1" && pwd)
lock=$sdk/.installing

# npm writes the hidden lock file when an installation is complete.
installed() {
    hidden=$1/node_modules/.package-lock.json
    [ -f "$hidden" ] && [ -z "$(find "$1/package-lock.json" -newer "$hidden" -print)" ]
}

up_to_date() {
    [ -f "$out/engine.wasm" ] && [ -z "$(find "$sdk/build.mjs" "$sdk/package-lock.json" "$sdk/engine" "$sdk/prelude" \
        \( -name node_modules -o -name test -o -name dist \) -prune -o -type f -newer "$out/engine.wasm" -print | head -n 1)" ]
}

unlock() {
    rm -rf "$lock"
    trap - EXIT INT TERM
}

# One build at a time: others wait for it, and find its work done.
wait_for_turn() {
    waited=0
    until mkdir "$lock" 2>/dev/null; do
        owner=$(cat "$lock/pid" 2>/dev/null || echo)
        if [ -n "$owner" ] && ! kill -0 "$owner" 2>/dev/null; then
            rm -rf "$lock"
            continue
        fi
        waited=$((waited + 1))
        [ "$waited" -le 600 ] || fail "another build of the engine has been running for 10 minutes: if none is, remove $lock"
        sleep 1
    done
    echo $$ >"$lock/pid"
    trap 'rm -rf "$lock"' EXIT
    trap 'exit 130' INT TERM
}

up_to_date && exit 0
node -e 'process.exit(Number(process.versions.node.split(".")[0]) >= 20 ? 0 : 1)' ||
    fail "JavaScript actors need Node.js 20 or newer to be built, and node on PATH is $(node --version)"
wait_for_turn
for part in "$sdk" "$sdk/prelude"; do
    installed "$part" && continue
    echo "js-engine: installing what builds the engine (once)" >&2
    (cd "$part" && npm ci --no-audit --no-fund --loglevel=error >&2) || {
        unlock
        fail "npm could not install what builds the engine: see its message above"
    }
done
status=0
up_to_date || { node "$sdk/build.mjs" "$out" >&2 || status=1; }
unlock
exit "$status"
