// What engines are compared by.
const fibonacci = (n) => (n < 2 ? n : fibonacci(n - 1) + fibonacci(n - 2));

/** About 10 KB as text. */
const DOCUMENT = {
  items: Array.from({ length: 100 }, (_, i) => ({
    id: i, name: `item ${i}`, price: i * 1.25, tags: ["a", "b", "c"], stock: { here: i % 7, there: null },
  })),
};

export const fib = () => fibonacci(24);

/** A round trip through JSON. */
export const json = () => JSON.parse(JSON.stringify(DOCUMENT)).items.length;

/** Builds a string of about 60 KB piece by piece, and looks through it. */
export function text() {
  let built = "";
  for (let i = 0; i < 5000; i++) built += `line ${i}\n`;
  return built.split("\n").filter((line) => line.endsWith("7")).length + built.indexOf("line 4999");
}
