// docs/compatibility.md, from the register of the tests and the list of gaps.

export function table(tests, gaps) {
  const areas = new Map();
  for (const test of tests) {
    const entry = areas.get(test.area) ?? { kind: test.kind, tests: [] };
    entry.tests.push(test);
    areas.set(test.area, entry);
  }
  const rows = (kind) => [...areas].filter(([, entry]) => entry.kind === kind).map(([title, entry]) => {
    const missing = entry.tests.filter(({ id }) => id in gaps).length;
    return `| ${title} | ${entry.tests.length} | ${entry.tests.length - missing} | ${missing} |`;
  });
  const count = (kind) => tests.filter((test) => test.kind === kind).length;
  const listed = tests.filter(({ id }) => id in gaps).map((test) => `| ${test.statement} | ${gaps[test.id]} | \`${test.id}\` |`);
  const heads = "| area | statements | met | gaps |\n| --- | ---: | ---: | ---: |";
  return `# Compatibility

What the public documentation says of Durable Objects, and what the web platform's standards say, is
written as tests in \`sdk-js-quickjs-wasm/conformance\`. The same bundle runs on Dormouse and on
\`workerd\`; a test that \`workerd\` fails is not in the set. This page is written by
\`node run.mjs --table\` in that folder; the tests keep it true: a gap that closes fails the run.

## Durable Objects: ${count("durable-objects")} statements

${heads}
${rows("durable-objects").join("\n")}

## The web platform: ${count("web")} statements

${heads}
${rows("web").join("\n")}

## Gaps

${listed.length ? `| statement | instead | test |\n| --- | --- | --- |\n${listed.join("\n")}` : "None."}
`;
}
