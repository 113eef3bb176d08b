// What the interpreter is measured with while the engine is built: the everyday parts of the language, none for long.
(() => {
  const fib = (n) => (n < 2 ? n : fib(n - 1) + fib(n - 2));
  class Point {
    #hidden = 1;
    static made = 0;
    constructor(x, y) {
      this.x = x;
      this.y = y;
      Point.made++;
    }
    get sum() {
      return this.x + this.y;
    }
    add(other) {
      return new Point(this.x + other.x, this.y + other.y);
    }
    hide(by) {
      this.#hidden += by;
      return this.#hidden;
    }
  }
  class Named extends Point {
    constructor(name, ...rest) {
      super(...rest);
      this.name = name;
    }
    add(other) {
      return super.add(other);
    }
  }
  function numbers() {
    let whole = 0, real = 0.5;
    for (let i = 0; i < 3000; i++) {
      whole = (whole * 31 + i) | 0;
      if (i % 3 === 0 && whole > 0) whole ^= i << 2;
      else if (!(i & 1) || whole >>> 3 === 7) whole -= i;
      real = real * 1.0001 + i / 7 - Math.floor(real);
      if (real >= 1e6 || real != real) real = 0.5;
    }
    return whole + real;
  }
  function lists() {
    const list = [];
    for (let i = 0; i < 500; i++) list.push({ id: i, name: "n" + i, tags: [i, i + 1] });
    let total = 0;
    for (const { id, tags: [first, second] } of list) total += id + first * second;
    for (let i = 0; i < list.length; i++) {
      list[i].id += 1;
      total += list[i].tags[0];
    }
    const numbers = new Uint8Array(256);
    for (let i = 0; i < numbers.length; i++) numbers[i] = (numbers[(i * 7) & 255] + i) & 255;
    const sieve = new Array(500).fill(true);
    for (let i = 2; i < 500; i++) for (let k = i * 2; k < 500; k += i) sieve[k] = false;
    return total + list.map((item) => item.id * 2).filter((id) => id % 3).reduce((a, b) => a + b, 0) + [...list].length
      + Object.keys(list[0]).length + list.findIndex((item) => item?.name === "n77") + sieve.filter(Boolean).length;
  }
  function text() {
    let out = "";
    for (let i = 0; i < 300; i++) {
      out += `${i}:${String.fromCharCode(97 + (i % 26))},`;
      if (out.length > 500) out = out.slice(250);
      const code = out.charCodeAt(i % out.length);
      if (code === 44 || out[i % 5] === "x") out = out.toUpperCase();
    }
    return out.split(",").join(";").replace(/\d+/g, (d) => d + 1);
  }
  function kinds(value) {
    switch (typeof value) {
      case "string":
        return 1;
      case "number":
        return value === undefined || value === null ? 2 : 3;
      case "function":
        return 4;
      case "undefined":
        return 5;
      default:
        return value == null ? 6 : value instanceof Point ? 7 : "x" in value ? 8 : 9;
    }
  }
  function counters() {
    let count = 0;
    const next = () => ++count;
    const counter = { value: 0, bump(by = 1) { this.value += by; return this; } };
    for (let i = 0; i < 500; i++) {
      next();
      counter.bump().bump(i);
      counter["value"]--;
      try {
        if (i % 50 === 0) throw new Error("at " + i);
      } catch (error) {
        count += error.message.length;
      } finally {
        count--;
      }
      kinds(i), kinds("a"), kinds(next), kinds(undefined), kinds(null), kinds(counter), kinds([]);
    }
    return count;
  }
  function* ids(n) {
    for (let i = 0; i < n; i++) yield i;
  }
  async function later(n) {
    let sum = 0;
    for (let i = 0; i < n; i++) sum += await i;
    await Promise.all([1, 2, 3].map(async (x) => (await null, x)));
    for await (const x of [1, 2]) sum += x;
    return sum;
  }
  function structures() {
    const map = new Map(), set = new Set();
    for (const id of ids(200)) {
      map.set("k" + (id % 50), (map.get("k" + (id % 50)) ?? 0) + 1);
      set.add(id & 15);
    }
    const merged = { ...{ a: 1, b: 2 }, ...Object.fromEntries(map), c: [...set] };
    let sum = 0;
    for (const key in merged) sum += key.length;
    delete merged.a;
    const copy = JSON.parse(JSON.stringify({ merged, when: "now", list: [1, 2.5, null, true, "x"] }));
    return sum + Math.max(...copy.merged.c) + ((a, ...more) => a + more.length)(1, 2, 3);
  }
  function points() {
    let at = new Point(0, 0);
    const step = new Named("step", 1, 2);
    for (let i = 0; i < 500; i++) {
      at = i & 1 ? at.add(step) : step.add(at);
      at.hide(i);
      if (at.sum < 0) break;
    }
    return at.x;
  }
  return () => {
    for (let i = 0; i < 3; i++) numbers(), lists(), text(), counters(), structures(), points();
    fib(15);
    later(300);
    return {};
  };
})()
