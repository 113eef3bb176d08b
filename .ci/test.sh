# The test suite; sourced by the launcher as `dormouse test [--quick]`, with its functions at hand.
# Sets up what is missing, runs every runner even when one fails, and says the totals at the end.
# --quick leaves out what is slow, and runs the SDKs' tests beside those of the server.

quick=
for argument in "$@"; do
  case $argument in
    --quick) quick=1 ;;
    *) fail "unexpected argument \`$argument\`; see \`dormouse test --help\`" 2 ;;
  esac
done
need_maven
mkdir -p "$cache/test" || fail "cannot write to $cache"
failed=0
summary=
javascript=$root/sdk-js-quickjs-wasm

has() { command -v "$1" >/dev/null 2>&1; }

has_node() {
  has node && has npm && node -e 'process.exit(process.versions.node.split(".")[0] >= 20 ? 0 : 1)'
}

# npm writes the hidden lock file when an installation is complete.
has_packages() {
  hidden=$1/node_modules/.package-lock.json
  [ -f "$hidden" ] && [ -z "$(find "$1/package-lock.json" -newer "$hidden" -print)" ]
}

# Debian 12 has a Node.js that is too old: it is not installed in vain.
install_node() {
  if can_install; then
    apt-cache show nodejs >/dev/null 2>&1 || apt-get update >"$cache/apt.log" 2>&1 </dev/null
    candidate=$(apt-cache policy nodejs 2>/dev/null | sed -n 's/^ *Candidate: *\([0-9][0-9]*\).*/\1/p')
    if [ "${candidate:-0}" -ge 20 ]; then
      install_debian "the SDKs of JavaScript and AssemblyScript" nodejs npm
      return
    fi
  fi
  printf 'dormouse: %s: no Node.js 20 or newer with npm; install it from %s (Debian 13: apt-get install nodejs npm)\n' \
    "the SDKs of JavaScript and AssemblyScript" https://nodejs.org >&2
}

set_up() {
  # Tests that need what is not there are skipped, and counted as such.
  { has wat2wasm && has wast2json; } || install_debian "the tests of WebAssembly" wabt
  has_node || install_node
  if [ -z "$quick" ]; then
    has chromium || has chromium-browser || has google-chrome ||
      install_debian "the test of the chat page" chromium
    if [ -d "$root/examples/rust/counter" ]; then
      # Building one app brings the toolchain and compiles the standard library.
      start_ticker "setting up Rust for WebAssembly" "$cache/test/rust-setup.log"
      sh "$root/sdk-rust/toolchain/rust-wasm.sh" "$root/examples/rust/counter" "$cache/test/counter.wasm" \
        >"$cache/test/rust-setup.log" 2>&1 </dev/null
      ready=$?
      stop_ticker
      [ "$ready" -eq 0 ] ||
        printf 'dormouse: %s\n' "$(tail -n 1 "$cache/test/rust-setup.log")" >&2
    fi
  fi
  if has_node && [ -f "$root/sdk-assemblyscript/package-lock.json" ] &&
    ! has_packages "$root/sdk-assemblyscript"; then
    start_ticker "installing what the AssemblyScript SDK needs"
    (cd "$root/sdk-assemblyscript" && npm ci --no-audit --no-fund) >"$cache/test/npm.log" 2>&1 </dev/null
    ready=$?
    stop_ticker
    [ "$ready" -eq 0 ] ||
      printf 'dormouse: npm ci failed in sdk-assemblyscript (see %s)\n' "$cache/test/npm.log" >&2
  fi
  if has_node && [ -f "$javascript/package-lock.json" ]; then
    start_ticker "setting up JavaScript" "$cache/test/javascript-setup.log"
    {
      ready=0
      for part in "$javascript" "$javascript"/*/package-lock.json; do
        part=${part%/package-lock.json}
        has_packages "$part" || (cd "$part" && npm ci --no-audit --no-fund --loglevel=error) || ready=1
      done
      sh "$javascript/toolchain/js-wasm.sh" --engine || ready=1
    } >"$cache/test/javascript-setup.log" 2>&1 </dev/null
    stop_ticker
    [ "$ready" -eq 0 ] ||
      printf 'dormouse: JavaScript could not be set up (see %s)\n' "$cache/test/javascript-setup.log" >&2
  fi
}

# Runs one runner with its output shown and kept: runner NAME FOLDER COMMAND...
# The output of one that was started beside the others is shown when it has ended.
runner() {
  name=$1
  folder=$2
  shift 2
  printf '\n== %s\n' "$name"
  log=$cache/test/$name.log
  if [ -n "$beside_pid" ] && [ "$name" != java ]; then
    wait "$beside_pid"
    cat "$log"
  else
    { (cd "$folder" && "$@") 2>&1 </dev/null; echo $? >"$log.status"; } | tee "$log"
  fi
  status=$(cat "$log.status")
  [ "$status" -eq 0 ] || failed=1
}

# Runs the SDKs' runners one after another with their output kept, for `runner` to show.
beside_pid=
start_beside() {
  rm -f "$cache/test/rust.log.status" "$cache/test/assemblyscript.log.status" \
    "$cache/test/javascript.log.status"
  (
    for name in rust assemblyscript javascript; do
      log=$cache/test/$name.log
      (cd "$root" && "${name}_suites") >"$log" 2>&1 </dev/null
      echo $? >"$log.status"
    done
  ) &
  beside_pid=$!
  trap 'kill "$beside_pid" 2>/dev/null; exit 130' INT TERM
}

# total NAME PASSED FAILED SKIPPED
total() {
  summary="$summary$(printf '%-16s %5d passed %4d failed %4d skipped' "$1" "$2" "$3" "$4")
"
  [ "$3" -eq 0 ] || failed=1
}

test_java() {
  # Up to `test` the modules see each other as folders, so that what did not change is not compiled.
  if [ -n "$quick" ]; then
    runner java "$root" mvn -B -ntp -Dquick test spotless:check
  else
    runner java "$root" mvn -B -ntp verify
  fi
  # The last line of each module's surefire run carries no time.
  # shellcheck disable=SC2046
  total java $(sed 's/\x1b\[[0-9;]*m//g' "$log" | awk '
    /Tests run:/ && !/Time elapsed/ && !/<<</ {
      gsub(",", ""); for (i = 1; i <= NF; i++) {
        if ($i == "run:") run += $(i+1); if ($i == "Failures:" || $i == "Errors:") bad += $(i+1)
        if ($i == "Skipped:") skipped += $(i+1) } }
    END { print run - bad - skipped, bad + 0, skipped + 0 }')
  if [ "$status" -ne 0 ]; then summary="${summary}java             the build failed: $log
"; fi
}

test_rust() {
  [ -f "$root/sdk-rust/Cargo.toml" ] || return 0
  if [ -z "$cargo" ]; then
    summary="${summary}rust             skipped: no cargo (https://rustup.rs, or on Debian: apt-get install cargo)
"
    return 0
  fi
  runner rust "$root" rust_suites
  # shellcheck disable=SC2046
  total rust $(awk '/^test result:/ {
      for (i = 2; i <= NF; i++) {
        if ($i == "passed;") ok += $(i-1); if ($i == "failed;") bad += $(i-1)
        if ($i == "ignored;") skipped += $(i-1) } }
    END { print ok + 0, bad + 0, skipped + 0 }' "$log")
  if [ "$status" -ne 0 ]; then summary="${summary}rust             the run failed: $log
"; fi
}

# The SDK, and what the examples say of themselves, for the machine at hand.
rust_suites() {
  [ -n "$cargo" ] || return 0
  export CARGO_TARGET_DIR="$cache/test/rust" PATH="${cargo%/*}:$PATH"
  suites_failed=0
  (cd sdk-rust && "$cargo" test --offline) || suites_failed=1
  if [ -z "$quick" ]; then
    for example in examples/rust/*/Cargo.toml; do
      (cd "${example%/Cargo.toml}" && "$cargo" test --offline) || suites_failed=1
    done
  fi
  return "$suites_failed"
}

# The total of what Node's own test runner says at the end of each suite: node_total NAME
node_total() {
  # shellcheck disable=SC2046
  total "$1" $(awk '
    $1 == "#" || $1 == "ℹ" { if ($2 == "pass") ok += $3; if ($2 == "fail") bad += $3
      if ($2 == "skipped") skipped += $3 }
    END { print ok + 0, bad + 0, skipped + 0 }' "$log")
}

test_assemblyscript() {
  [ -f "$root/sdk-assemblyscript/package.json" ] || return 0
  if ! has_node; then
    summary="${summary}assemblyscript   skipped: no Node.js 20 or newer with npm
"
    return 0
  fi
  runner assemblyscript "$root" assemblyscript_suites
  node_total assemblyscript
  if [ "$status" -ne 0 ]; then summary="${summary}assemblyscript   the run failed: $log
"; fi
}

assemblyscript_suites() {
  has_node || return 0
  (cd sdk-assemblyscript && npm run --silent "test${quick:+:quick}")
}

test_javascript() {
  [ -f "$javascript/package.json" ] || return 0
  if ! has_node; then
    summary="${summary}javascript       skipped: no Node.js 20 or newer with npm
"
    return 0
  fi
  runner javascript "$root" javascript_suites
  node_total javascript
  if [ "$status" -ne 0 ]; then summary="${summary}javascript       the run failed: $log
"; fi
}

# The engine, what runs inside it, the client, and the types.
javascript_suites() {
  has_node || return 0
  suites_failed=0
  for part in . prelude client types; do
    [ ! -f "$javascript/$part/package.json" ] || (cd "$javascript/$part" && npm test --silent) || suites_failed=1
  done
  # What the load runs compute and draw.
  (cd "$root/bench/load" && node --test) || suites_failed=1
  return "$suites_failed"
}

# What the documentation of Durable Objects and the web's standards say, on the server and on workerd.
test_conformance() {
  conformance=$javascript/conformance
  { [ -z "$quick" ] && [ -f "$conformance/package.json" ]; } || return 0
  if ! has_node; then
    summary="${summary}conformance      skipped: no Node.js 20 or newer with npm
"
    return 0
  fi
  start_ticker "installing what the conformance tests need"
  (cd "$conformance" && npm install --no-audit --no-fund) >"$cache/test/conformance-npm.log" 2>&1 </dev/null
  stop_ticker
  for target in dormouse workerd; do
    if [ "$target" = workerd ] && ! "$conformance/node_modules/.bin/workerd" --version >/dev/null 2>&1; then
      summary="${summary}conform-workerd  skipped: npm did not install workerd here
"
      continue
    fi
    runner "conform-$target" "$conformance" node run.mjs --target "$target"
    # shellcheck disable=SC2046
    total "conform-$target" $(awk -v target="$target:" '$1 == target { ok = $2; bad = $4; gaps = $6 }
      END { print ok + 0, bad + 0, gaps + 0 }' "$log")
    if [ "$status" -ne 0 ]; then summary="${summary}conform-$target failed: $log
"; fi
  done
}

started=$(date +%s)
set_up
# Only now: the set-up may have brought it.
cargo=$(command -v cargo || ls /usr/bin/cargo /usr/lib/rust-*/bin/cargo 2>/dev/null | head -n 1)
[ -z "$quick" ] || start_beside
test_java
test_rust
test_assemblyscript
test_javascript
test_conformance
printf '\n%s' "$summary"
printf '%s in %d s\n' "$([ "$failed" -eq 0 ] && echo "all tests passed" || echo "TESTS FAILED")" \
  "$(($(date +%s) - started))"
exit "$failed"
