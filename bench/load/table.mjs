// Results as Markdown.
import { PEER, ROWS, judge, ratio } from "./rows.mjs";

/** Three digits that count, thousands apart. */
export function number(value) {
  if (value === undefined || value === null) return "";
  if (value >= 1000) return String(Math.round(value)).replace(/\B(?=(\d{3})+$)/g, ",");
  return value >= 100 ? value.toFixed(0) : String(Number(value.toPrecision(value >= 10 ? 3 : 2)));
}

const line = (cells) => `| ${cells.join(" | ")} |`;
const rule = (columns) => line(columns.map((column, i) => (i === 0 ? "---" : "---:")));
const quantity = (row, found) => (found?.[row.of] === undefined ? "" : `${number(found[row.of])}${row.unit === "/s" ? "/s" : ` ${row.unit}`}`);

function bars(row, found, subject) {
  return judge(row, found, subject).filter(({ reached }) => reached !== undefined).map(({ versus, bar, atMost, reached, met }) => {
    const verdict = met ? "met" : "**not met**";
    if (atMost !== undefined) return `at most ${number(atMost)} ${row.unit}: ${verdict}`;
    if (versus === PEER) return `${number(bar)}x: ${verdict}`;
    return bar >= 1 / 2 ? `${number(bar)} of ${versus}: ${verdict} (${number(reached)})`
      : `within ${number(1 / bar)} of ${versus}: ${verdict} (${number(1 / reached)})`;
  }).join("; ");
}

/** The table of ratios: a row for each that was measured, `subjects` before the peer. */
export function comparison(results, subjects) {
  const columns = ["work", ...subjects.flatMap((name) => [name, "ratio", "bar"]), PEER];
  const rows = ROWS.filter(({ id }) => results[id]).map((row) => {
    const { found } = results[row.id];
    const cells = subjects.flatMap((name) => {
      const times = ratio(row, found, name);
      return [quantity(row, found[name]), times === undefined ? "" : `${number(times)}x`, bars(row, found, name)];
    });
    return line([row.label, ...cells, quantity(row, found[PEER])]);
  });
  return [line(columns), rule(columns), ...rows].join("\n");
}

/** The percentiles of those rows that have them, in milliseconds. */
export function latencies(results, subjects) {
  const columns = ["milliseconds", ...[...subjects, PEER].flatMap((name) => ["p50", "p99", "p99.9"].map((percent) => `${name} ${percent}`))];
  const timed = ROWS.filter(({ id }) => results[id] && Object.values(results[id].found).some(({ p99 }) => p99 !== undefined));
  const rows = timed.map((row) => {
    const cells = [...subjects, PEER].flatMap((name) => ["p50", "p99", "p999"].map((field) => number(results[row.id].found[name]?.[field])));
    return line([row.label.replace(/, p\d+( at.*)?$/, "$1"), ...cells]);
  });
  return [line(columns), rule(columns), ...rows].join("\n");
}

/** What else was measured: pairs of a name and a sentence or number. */
export function facts(pairs) {
  return pairs.map(([name, value]) => `- ${name}: ${value}`).join("\n");
}

/** The points of curves over the same x: a row for each, with what each series found there. */
export function points(label, series) {
  const shared = series.some(({ found }) => found.some((point) => point.shared));
  const columns = ["/s", "p50 ms", "p99 ms", ...(shared ? ["commits an fsync"] : [])];
  const xs = [...new Set(series.flatMap(({ found }) => found.map(({ x }) => x)))].sort((a, b) => a - b);
  const rows = xs.map((x) => line([number(x), ...series.flatMap(({ found }) => {
    const at = found.find((point) => point.x === x) ?? {};
    return [at.rate, at.p50, at.p99, ...(shared ? [at.shared] : [])].map(number);
  })]));
  const head = [label, ...series.flatMap(({ name }) => columns.map((column) => `${name}: ${column}`))];
  return [line(head), rule(head), ...rows].join("\n");
}

/** Where a curve is highest, and from where on it has less than half of that. */
export function knee(found, label) {
  const best = found.reduce((a, b) => (b.rate > a.rate ? b : a));
  const beyond = found.find(({ x, rate }) => x > best.x && rate < best.rate / 2);
  const most = `${number(best.rate)}/s at ${number(best.x)} ${label}`;
  return beyond ? `most, ${most}; less than half of that from ${number(beyond.x)} on (${number(beyond.rate)}/s)` : `most, ${most}; never less than half of that beyond`;
}
