#!/bin/sh
# Builds a Rust app into one WebAssembly module:  rust-wasm.sh DIR OUT.wasm
#
# Takes a rustup toolchain that has the target wasm32-unknown-unknown, and else Debian's own Rust,
# which carries the standard library as source: that is compiled once and kept in the cache.
# Installs Debian's packages when it may (as root). Set DORMOUSE_RUST=rustup or =debian to choose.
#
# Exit codes: 0 done, 1 the app does not compile, 2 something is missing or the call is wrong.
set -eu

TARGET=wasm32-unknown-unknown
PACKAGES="rustc-web cargo-web rust-web-src lld-22"

say() { printf 'rust: %s\n' "$*" >&2; }
stop() { say "$*"; exit 2; }

[ $# -eq 2 ] || stop "usage: rust-wasm.sh DIR OUT.wasm"
[ -f "$1/Cargo.toml" ] || stop "there is no Cargo.toml in $1"
DIR=$(cd "$1" && pwd -P)
OUT=$2
# The linker's own default of 1 MiB would be most of an actor's memory. The deepest values that the
# SDK reads take 29 KB of this, and data and heap of a small actor fit beside it into its first page.
# An app that needs more says so in its Cargo.toml: stack-bytes under [package.metadata.dormouse].
STACK_BYTES=$(sed -n 's/^stack-bytes *= *\([0-9][0-9_]*\).*/\1/p' "$DIR/Cargo.toml" | tr -d _ | head -n 1)
STACK_BYTES=${STACK_BYTES:-40960}
case $OUT in /*) ;; *) OUT=$(pwd -P)/$OUT ;; esac
CACHE=${XDG_CACHE_HOME:-${HOME:-/tmp}/.cache}/dormouse

# ---- find a toolchain ---------------------------------------------------------------------------

rustup_has_target() {
  command -v cargo >/dev/null 2>&1 && command -v rustc >/dev/null 2>&1 || return 1
  libraries=$(rustc --print target-libdir --target $TARGET 2>/dev/null) || return 1
  # rustc names the directory whether it is there or not.
  for core in "$libraries"/libcore-*.rlib; do [ -f "$core" ] && return 0; done
  return 1
}

newest_wasm_ld() {
  for version in 25 24 23 22 21 20 19; do
    [ -x /usr/bin/wasm-ld-$version ] && { echo /usr/bin/wasm-ld-$version; return 0; }
  done
  [ -x /usr/bin/wasm-ld ] && { echo /usr/bin/wasm-ld; return 0; }
  return 1
}

debian_library() {
  [ -x /usr/bin/rustc ] || return 1
  library=$(/usr/bin/rustc --print sysroot 2>/dev/null)/lib/rustlib/src/rust/library
  [ -d "$library/vendor" ] && { (cd "$library" && pwd -P); return 0; }
  return 1
}

debian_is_complete() {
  [ -x /usr/bin/cargo ] && debian_library >/dev/null && newest_wasm_ld >/dev/null
}

# Never removes a package: Debian's other Rust, which conflicts with this one, stays where it is.
install_debian() {
  rustup="rustup target add $TARGET"
  command -v apt-get >/dev/null 2>&1 || stop "no Rust for WebAssembly is here; install it from https://rustup.rs, then: $rustup"
  advice="as root: apt-get install --no-install-recommends $PACKAGES (or, with rustup: $rustup)"
  [ "$(id -u)" -eq 0 ] || stop "no Rust for WebAssembly is here; $advice"
  say "installing $PACKAGES (about 150 MB, once)"
  log=$(mktemp)
  if ! apt-cache show $PACKAGES >/dev/null 2>&1; then
    say "fetching the list of packages"
    apt-get -o DPkg::Lock::Timeout=600 update >"$log" 2>&1 || true
  fi
  # shellcheck disable=SC2086
  if ! DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=600 install -y \
    --no-remove --no-install-recommends $PACKAGES >"$log" 2>&1; then
    say "apt-get update, then again"
    { apt-get -o DPkg::Lock::Timeout=600 update &&
      DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=600 install -y \
        --no-remove --no-install-recommends $PACKAGES; } >"$log" 2>&1 || {
      tail -n 5 "$log" >&2
      rm -f "$log"
      stop "apt-get could not install Rust for WebAssembly; $advice"
    }
  fi
  rm -f "$log"
  debian_is_complete || stop "the installed packages lack something; $advice"
}

case ${DORMOUSE_RUST:-} in
rustup) rustup_has_target || stop "the Rust on PATH lacks the target $TARGET"; KIND=rustup ;;
debian) debian_is_complete || install_debian; KIND=debian ;;
'')
  if rustup_has_target; then KIND=rustup
  else
    debian_is_complete || install_debian
    KIND=debian
  fi
  ;;
*) stop "DORMOUSE_RUST is rustup or debian" ;;
esac

# ---- build --------------------------------------------------------------------------------------

CARGO_TARGET_DIR=$CACHE/rust-target/$KIND
export CARGO_TARGET_DIR
mkdir -p "$CARGO_TARGET_DIR"
unset CARGO_BUILD_TARGET RUSTFLAGS CARGO_ENCODED_RUSTFLAGS || true

set -- rustc --release --lib --target $TARGET --message-format=json-render-diagnostics \
  --config 'profile.release.strip="debuginfo"'
# An app that says nothing gets the profile of the examples: inlining makes functions too large for
# the server's compiler to optimise, and the standard library is in the cache for this profile.
if ! grep -q '^\[profile\.release' "$DIR/Cargo.toml"; then
  set -- "$@" --config 'profile.release.opt-level="s"' --config 'profile.release.lto=true' \
    --config 'profile.release.codegen-units=1' --config 'profile.release.panic="abort"'
fi

if [ $KIND = debian ]; then
  LIBRARY=$(debian_library)
  VERSION=$(/usr/bin/rustc --version | tr -c 'A-Za-z0-9.\n' '-')
  [ -d "$CARGO_TARGET_DIR/$TARGET" ] || say "compiling the standard library, once (about half a minute)"
  cat >"$CARGO_TARGET_DIR/$VERSION.toml" <<EOF
[unstable]
build-std = ["std", "panic_abort"]
[target.$TARGET]
linker = "$(newest_wasm_ld)"
rustflags = ["-Clinker-flavor=wasm-ld"]
[net]
offline = true
[source.crates-io]
replace-with = "library-vendor"
[source.library-vendor]
directory = "$LIBRARY/vendor"
EOF
  CARGO=/usr/bin/cargo
  RUSTC=/usr/bin/rustc
  RUSTC_BOOTSTRAP=1
  export RUSTC RUSTC_BOOTSTRAP
  unset RUSTUP_TOOLCHAIN || true
  set -- "$@" --config "$CARGO_TARGET_DIR/$VERSION.toml"
else
  CARGO=cargo
fi
# Up to here the standard library's allocator is known to leave the rest of the last page to the SDK's.
MINOR=$(cd "$DIR" && "${RUSTC:-rustc}" --version | sed -n 's/^rustc 1\.\([0-9]*\)\..*/\1/p')
unset DORMOUSE_OWN_HEAP || true
if [ "${MINOR:-97}" -le 96 ]; then
  DORMOUSE_OWN_HEAP=yes
  export DORMOUSE_OWN_HEAP
fi
# For the app's own crate alone: flags for all would compile the libraries again for each size.
set -- "$@" -- "-Clink-arg=-zstack-size=$STACK_BYTES"

build() {
  # Modules of apps with the same crate name share a file name: an app's module is only kept while
  # the same app is built again.
  owner=$CARGO_TARGET_DIR/owner
  if [ "$(cat "$owner" 2>/dev/null)" != "$DIR" ]; then
    rm -f "$CARGO_TARGET_DIR/$TARGET/release/deps/"*.wasm
    printf '%s\n' "$DIR" >"$owner"
  fi
  messages=$(mktemp)
  if ! (cd "$DIR" && "$CARGO" "$@" >"$messages"); then
    rm -f "$messages"
    say "$DIR does not compile"
    return 1
  fi
  module=$(sed -n 's/.*"filenames":\[[^]]*"\([^"]*\.wasm\)".*/\1/p' "$messages" | tail -n 1)
  rm -f "$messages"
  if [ -z "$module" ]; then
    say "the build made no .wasm: Cargo.toml needs [lib] with crate-type = [\"cdylib\"]"
    return 1
  fi
  mkdir -p "$(dirname "$OUT")"
  cat "$module" >"$OUT.part"
  mv "$OUT.part" "$OUT"
}

if command -v flock >/dev/null 2>&1; then
  exec 9>"$CARGO_TARGET_DIR/lock"
  flock 9
fi
build "$@"
