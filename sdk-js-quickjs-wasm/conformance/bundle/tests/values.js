import { area } from "../harness.js";
import { fails } from "../check.js";
import { uncloneable, values } from "../values.js";

const { object } = area("Storage: types of values", undefined, { shared: true });
for (const [id, what, make, check] of values) {
  object(`value.${id}`, `storage keeps ${what}`, async ({ storage }) => {
    const value = make();
    await storage.put("k", value);
    check(await storage.get("k"), value);
  });
}
object("value.class", "storage keeps an instance of a class as a plain object with its fields", async ({ storage }) => {
  class Point {
    x = 1;
    #y = 2;
    sum() {
      return this.x + this.#y;
    }
  }
  await storage.put("k", new Point());
  const copy = await storage.get("k");
  if (copy.constructor !== Object || copy.x !== 1 || "sum" in copy) throw new Error("it is no plain object");
});
for (const [id, what, make] of uncloneable) {
  object(`value.refused.${id}`, `${what} cannot be stored: DataCloneError`, async ({ storage }) => {
    await fails(() => storage.put("k", make()), "DataCloneError");
  });
}

const clone = area("structuredClone", "web").gateway;
for (const [id, what, make, check] of values) {
  clone(`clone.${id}`, `structuredClone copies ${what}`, async () => {
    const value = make();
    check(structuredClone(value), value);
  });
}
for (const [id, what, make] of uncloneable) {
  clone(`clone.refused.${id}`, `${what} cannot be cloned: DataCloneError`, async () => {
    await fails(() => structuredClone(make()), "DataCloneError");
  });
}
