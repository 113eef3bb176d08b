#!/bin/sh
# Builds an AssemblyScript app into a WebAssembly module: as-wasm.sh DIR OUT.wasm
# Installs the compiler beside the SDK on first use. Exits 2 where something is missing or the
# command is wrong, 1 where the app does not compile.
set -eu

fail() {
    echo "as-wasm: $1" >&2
    exit 2
}

[ $# -eq 2 ] || fail "say which app to build and where to put the module: as-wasm.sh DIR OUT.wasm"
[ -d "$1" ] || fail "there is no directory $1"
command -v node >/dev/null 2>&1 || fail "AssemblyScript needs Node.js 20 or newer, and there is no node on PATH: install it from https://nodejs.org"
node -e 'process.exit(Number(process.versions.node.split(".")[0]) >= 20 ? 0 : 1)' ||
    fail "AssemblyScript needs Node.js 20 or newer, and node on PATH is $(node --version)"
command -v npm >/dev/null 2>&1 || fail "installing the AssemblyScript compiler needs npm, and there is none on PATH: it comes with Node.js"

sdk=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd)
installed=$sdk/node_modules/assemblyscript/package.json
lock=$sdk/.installing

# npm writes the hidden lock file when an installation is complete.
up_to_date() {
    wanted=$(sed -n 's/.*"assemblyscript": "\([^"]*\)".*/\1/p' "$sdk/package.json")
    [ -f "$sdk/node_modules/.package-lock.json" ] && grep -q "\"version\": \"$wanted\"" "$installed" 2>/dev/null
}

# One build installs, others that run at the same time wait for it.
install_compiler() {
    waited=0
    until mkdir "$lock" 2>/dev/null; do
        owner=$(cat "$lock/pid" 2>/dev/null || echo)
        if [ -n "$owner" ] && ! kill -0 "$owner" 2>/dev/null; then
            rm -rf "$lock"
            continue
        fi
        waited=$((waited + 1))
        [ "$waited" -le 300 ] || fail "another build has been installing the compiler for 5 minutes: if none is running, remove $lock"
        sleep 1
    done
    echo $$ >"$lock/pid"
    trap 'rm -rf "$lock"' EXIT
    trap 'exit 130' INT TERM
    if ! up_to_date; then
        echo "as-wasm: installing the AssemblyScript compiler (once)" >&2
        (cd "$sdk" && npm ci --omit=dev --no-audit --no-fund --loglevel=error >&2) ||
            fail "npm could not install the AssemblyScript compiler: see its message above"
    fi
    rm -rf "$lock"
    trap - EXIT INT TERM
}

up_to_date || install_compiler
exec node "$sdk/toolchain/build.mjs" "$1" "$2"
