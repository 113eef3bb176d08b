// Rounds, medians and what they are taken of.

export function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const half = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
}

/** The value below which so many percent lie. */
export function percentile(values, percent) {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil((sorted.length * percent) / 100) - 1)];
}

/**
 * The median of each number that the rounds found. A curve cannot be cut through the middle, so it is
 * that of the round with the middle p99.
 */
export function medians(rounds) {
  const found = {};
  for (const [name, value] of Object.entries(rounds[0])) {
    if (typeof value === "number") found[name] = median(rounds.map((round) => round[name]));
  }
  if (rounds[0].curve) {
    found.curve = [...rounds].sort((a, b) => a.p99 - b.p99)[rounds.length >> 1].curve;
  }
  return found;
}

/** Rounds of all subjects in turn, so that what disturbs the machine disturbs all of them: medians by name. */
export async function interleave(subjects, rounds, measure) {
  const found = subjects.map(() => []);
  for (let round = 0; round < rounds; round++) {
    for (const [i, subject] of subjects.entries()) found[i].push(await measure(subject, round));
  }
  return Object.fromEntries(subjects.map(({ name }, i) => [name, medians(found[i])]));
}
