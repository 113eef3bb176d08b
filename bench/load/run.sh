#!/bin/sh
# Load runs against a real server on this machine: requests a second and latency of one actor and of
# 1,000, in memory, durable and reading; the latency of a neighbour of sixteen actors that loop; what
# an awake actor costs. Needs wrk and curl. Seconds of each run: DORMOUSE_BENCH_SECONDS (10).
set -eu
root=$(CDPATH='' cd -- "$(dirname -- "$0")/../.." && pwd -P)
seconds=${DORMOUSE_BENCH_SECONDS:-10}
work=$(mktemp -d)
for tool in wrk curl; do
  command -v "$tool" >/dev/null || { echo "dormouse: the load runs need $tool: install it" >&2; exit 1; }
done
DORMOUSE_TOKEN=bench-token-0123456789
export DORMOUSE_TOKEN
"$root/dormouse" build "$root/bench/apps/counter" -o "$work/bench.wasm" >&2
began=$(date +%s%N)
"$root/dormouse" serve --port 0 --admin-port 0 --data "$work/data" >"$work/ready" 2>"$work/log" &
server=$!
stop() { kill "$server" 2>/dev/null || true; wait "$server" 2>/dev/null || true; rm -rf "$work"; }
trap stop EXIT INT TERM
until [ -s "$work/ready" ]; do sleep 0.02; done
echo "start of the server: $((($(date +%s%N) - began) / 1000000)) ms"
read -r _ url _ admin <"$work/ready"
"$root/dormouse" deploy "$work/bench.wasm" --as bench --server "$admin" >/dev/null

row() {
  label=$1
  shift
  wrk -t1 -c16 -d"${seconds}s" --latency "$@" >"$work/out"
  awk -v label="$label" '
    / 50%/ { p50 = $2 } / 99%/ { p99 = $2 } /Requests\/sec/ { rps = $2 } /Non-2xx/ { bad = " ERRORS " $0 }
    END { printf "| %-28s | %9.0f | %8s | %8s |%s\n", label, rps, p50, p99, bad }' "$work/out"
}
rss() { awk '/VmRSS/ { print $2 }' "/proc/$1/status"; }
java_pid() { pgrep -f "dormouse.Main serve.*$work/data" | head -n 1; }

wrk -t1 -c16 -d"${seconds}s" "$url/bench/warm/memory" >/dev/null
wrk -t1 -c16 -d"${seconds}s" "$url/bench/warm/durable" >/dev/null
echo "| work                         | requests/s |     p50 |      p99 |"
echo "| ---------------------------- | --------- | -------- | -------- |"
row "in memory, one actor" "$url/bench/one/memory"
row "durable, one actor" "$url/bench/one/durable"
row "storage read, one actor" "$url/bench/one/read"
row "in memory, 1,000 actors" -s "$root/bench/load/thousand.lua" "$url" -- /memory
row "durable, 1,000 actors" -s "$root/bench/load/thousand.lua" "$url" -- /durable

echo "a neighbour of sixteen actors that loop (one client, open for ${seconds} s):"
lonely() {
  wrk -t1 -c1 -d"${seconds}s" --latency "$url/bench/neighbour/memory" |
    awk -v label="$1" '/ 50%/ { p50 = $2 } / 99%/ { p99 = $2 } END { printf "  %-8s p50 %s p99 %s\n", label, p50, p99 }'
}
lonely alone
end=$(($(date +%s) + seconds + 2))
for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16; do
  (while [ "$(date +%s)" -lt "$end" ]; do curl -s -o /dev/null "$url/bench/loop-$i/loop"; done) &
  loops="${loops:-} $!"
done
lonely attacked
# shellcheck disable=SC2086
wait $loops

before=$(rss "$(java_pid)")
echo "resident with 1,000 awake actors that were under load: $before kB"
metric() { curl -s -H "authorization: Bearer $DORMOUSE_TOKEN" "$admin/metrics" | awk -v name="$1" 'index($0, name) == 1 { n += $NF } END { print n + 0 }'; }
echo "wake: $(metric dormouse_wake_seconds_count) wakes in $(metric dormouse_wake_seconds_sum) s"
echo "commits $(metric dormouse_commits) in fsyncs $(metric dormouse_fsyncs)"
curl -s -H "authorization: Bearer $DORMOUSE_TOKEN" "$admin/metrics" | grep -E '^dormouse_(memory|actors|wake)' | head -n 20
