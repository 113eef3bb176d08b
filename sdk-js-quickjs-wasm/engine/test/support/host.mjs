/** The host of the AssemblyScript SDK's tests, with what JavaScript asks for besides; operations are finished by hand. */
import { Host as SmallHost } from "../../../../sdk-assemblyscript/test/host.mjs";
import { withCustomSection } from "../../wasm.mjs";

const encoder = new TextEncoder();

export class Host extends SmallHost {
  sections = {};
  operations = new Map();
  answers = new Map();
  /** Operations that answer requests by themselves. */
  passed = new Map();

  /** The engine with a bundle, started. */
  static async run(engine, bundle, host = new Host()) {
    host.sections["dormouse:bundle"] = encoder.encode(bundle);
    host.enlarge();
    return SmallHost.start(engine, host);
  }

  operation(...asked) {
    this.operations.set(++this.lastId, asked);
    return this.lastId;
  }

  complete(operation, bytes) {
    this.exports.complete(operation, 0, ...this.bytes(bytes));
  }

  fail(operation, text) {
    this.exports.complete(operation, 1, ...this.text(text));
  }

  call(payload) {
    const id = ++this.lastId;
    this.exports.call(id, ...this.bytes(payload));
    return this.answers.get(id);
  }

  section(name) {
    const [own] = WebAssembly.Module.customSections(this.module, name);
    return this.sections[name] ?? (own && new Uint8Array(own));
  }

  enlarge() {
    const pairs = (at, count) => this.readTable(at, count, 4).map((f) => [this.readText(f[0], f[1]), this.readText(f[2], f[3])]);
    const option = (has, at, length) => (has ? this.readText(at, length) : null);
    const refuse = (ret) => this.result(ret, [1, ...this.text("no")]);
    Object.assign(this.imports.connection, {
      defer: (id) => this.deliver(id, "defer"),
      accept: (id, has, at, length) => this.deliver(id, { accept: option(has, at, length) }),
      splice: (a, b) => this.deliver(a, { splice: b }),
    });
    this.imports.http["pass-on"] = (request, operation, has, at, length) => {
      if (!this.operations.delete(operation)) return 4;
      this.passed.set(operation, { request, unless: option(has, at, length) });
      return 0;
    };
    Object.assign(this.imports, {
      rpc: { respond: (id, failed, at, length) => (this.answers.set(id, { failed, bytes: this.readBytes(at, length) }), 0) },
      actors: {
        fetch: (has, ns, nsLength, actor, actorLength, method, methodLength, url, urlLength, headers, count, body, length) =>
          this.operation("fetch", option(has, ns, nsLength), this.readText(actor, actorLength), this.readText(method, methodLength),
            this.readText(url, urlLength), pairs(headers, count), this.readText(body, length)),
        call: (has, ns, nsLength, actor, actorLength, payload, length) =>
          this.operation("call", option(has, ns, nsLength), this.readText(actor, actorLength), Buffer.from(this.readBytes(payload, length)).toString("hex")),
        connect: (has, ns, nsLength, actor, actorLength, url, urlLength, headers, count) =>
          this.operation("connect", option(has, ns, nsLength), this.readText(actor, actorLength), this.readText(url, urlLength), pairs(headers, count)),
        cancel: (id) => Number(this.operations.delete(id)),
        address: (ret) => this.result(ret, this.text(this.name ?? "")),
        "id-of": (at, length, ret) => this.result(ret, this.text(`id of ${this.readText(at, length)}`)),
        "name-of": (at, length, ret) => this.option(ret, this.readText(at, length) === "known" ? this.text("someone") : null),
      },
      web: {
        fetch: (method, methodLength, url, urlLength, headers, count, body, length, redirect) =>
          this.operation("web", this.readText(method, methodLength), this.readText(url, urlLength), pairs(headers, count), this.readText(body, length), redirect),
        connect: (url, urlLength, protocols, protocolCount, headers, count) =>
          this.operation("socket", this.readText(url, urlLength), this.readTable(protocols, protocolCount, 2).map((p) => this.readText(...p)), pairs(headers, count)),
        cancel: (id) => Number(this.operations.delete(id)),
      },
      crypto: {
        digest: (hash, hashLength, data, length, ret) =>
          this.option(ret, this.readText(hash, hashLength) === "SHA-1" ? this.bytes(this.readBytes(data, length).reverse()) : null),
        hmac: (hash, hashLength, key, keyLength, data, length, ret) => this.option(ret, this.bytes(this.readBytes(key, keyLength))),
        "aes-encrypt": (mode, modeLength, key, keyLength, iv, ivLength, ad, adLength, tagBits, data, length, ret) =>
          this.result(ret, [0, ...this.bytes([...this.readBytes(iv, ivLength), tagBits, ...this.readBytes(data, length)])]),
        "aes-decrypt": (...all) => refuse(all.at(-1)),
        "generate-key-pair": (curve, length, ret) => this.result(ret, [1, ...this.text("private"), ...this.text("public")]),
        "ecdsa-sign": (...all) => refuse(all.at(-1)),
        "ecdsa-verify": (curve, curveLength, hash, hashLength, key, keyLength, signature, signatureLength) => signatureLength === 2 ? 1 : 0,
        pbkdf2: (hash, hashLength, password, passwordLength, salt, saltLength, iterations, length, ret) =>
          this.result(ret, [0, ...this.bytes(new Uint8Array(length).fill(iterations))]),
        hkdf: (hash, hashLength, key, keyLength, salt, saltLength, info, infoLength, length, ret) =>
          this.result(ret, [0, ...this.bytes(this.readBytes(info, infoLength))]),
      },
      app: {
        section: (name, length, ret) => {
          const content = this.section(this.readText(name, length));
          this.option(ret, content === undefined ? null : this.bytes(content));
        },
        role: () => 0,
        "memory-limit": () => BigInt(this.memoryLimit ?? 128 << 20),
      },
    });
  }
}

export { withCustomSection };
