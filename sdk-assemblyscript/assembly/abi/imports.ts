/** The imports of dormouse.wit in their flat form, under the names of their interfaces. */

export namespace identity {
  @external("dormouse:host/identity@0.1.0", "name")
  export declare function name(ret: usize): void;
  @external("dormouse:host/identity@0.1.0", "id")
  export declare function id(ret: usize): void;
  @external("dormouse:host/identity@0.1.0", "namespace")
  export declare function namespace_(ret: usize): void;
  @external("dormouse:host/identity@0.1.0", "waking-reason")
  export declare function wakingReason(): i32;
}

export namespace storage {
  @external("dormouse:host/storage@0.1.0", "get")
  export declare function get(key: usize, keyLength: i32, ret: usize): void;
  @external("dormouse:host/storage@0.1.0", "get-many")
  export declare function getMany(keys: usize, count: i32, ret: usize): void;
  @external("dormouse:host/storage@0.1.0", "put")
  export declare function put(key: usize, keyLength: i32, value: usize, valueLength: i32): i32;
  @external("dormouse:host/storage@0.1.0", "put-many")
  export declare function putMany(entries: usize, count: i32): i32;
  @external("dormouse:host/storage@0.1.0", "delete")
  export declare function remove(key: usize, keyLength: i32): i32;
  @external("dormouse:host/storage@0.1.0", "delete-many")
  export declare function removeMany(keys: usize, count: i32): i32;
  @external("dormouse:host/storage@0.1.0", "list")
  export declare function list(
    hasStart: i32, start: usize, startLength: i32,
    hasStartAfter: i32, startAfter: usize, startAfterLength: i32,
    hasEnd: i32, end: usize, endLength: i32,
    hasPrefix: i32, prefix: usize, prefixLength: i32,
    reverse: i32,
    hasLimit: i32, limit: u32,
    ret: usize
  ): void;
  @external("dormouse:host/storage@0.1.0", "delete-all")
  export declare function removeAll(): void;
}

export namespace alarm {
  @external("dormouse:host/alarm@0.1.0", "get")
  export declare function get(ret: usize): void;
  @external("dormouse:host/alarm@0.1.0", "set")
  export declare function set(dueMillis: u64): void;
  @external("dormouse:host/alarm@0.1.0", "delete")
  export declare function remove(): void;
  @external("dormouse:host/alarm@0.1.0", "retry")
  export declare function retry(atMillis: u64, dueMillis: u64, attempt: u32): void;
}

export namespace connection {
  @external("dormouse:host/connection@0.1.0", "send-text")
  export declare function sendText(connection: u64, text: usize, length: i32): i32;
  @external("dormouse:host/connection@0.1.0", "send-bytes")
  export declare function sendBytes(connection: u64, bytes: usize, length: i32): i32;
  @external("dormouse:host/connection@0.1.0", "broadcast-text")
  export declare function broadcastText(hasTag: i32, tag: usize, tagLength: i32, text: usize, length: i32): u32;
  @external("dormouse:host/connection@0.1.0", "broadcast-bytes")
  export declare function broadcastBytes(hasTag: i32, tag: usize, tagLength: i32, bytes: usize, length: i32): u32;
  @external("dormouse:host/connection@0.1.0", "close")
  export declare function close(connection: u64, code: i32, reason: usize, length: i32): i32;
  @external("dormouse:host/connection@0.1.0", "reject")
  export declare function reject(connection: u64, httpStatus: i32, message: usize, length: i32): i32;
  @external("dormouse:host/connection@0.1.0", "refuse")
  export declare function refuse(
    connection: u64, httpStatus: i32, headers: usize, headerCount: i32, body: usize, bodyLength: i32
  ): i32;
  @external("dormouse:host/connection@0.1.0", "defer")
  export declare function defer(connection: u64): i32;
  @external("dormouse:host/connection@0.1.0", "accept")
  export declare function accept(connection: u64, hasProtocol: i32, protocol: usize, length: i32): i32;
  @external("dormouse:host/connection@0.1.0", "splice")
  export declare function splice(a: u64, b: u64): i32;
  @external("dormouse:host/connection@0.1.0", "get-attachment")
  export declare function getAttachment(connection: u64, ret: usize): void;
  @external("dormouse:host/connection@0.1.0", "set-attachment")
  export declare function setAttachment(connection: u64, value: usize, length: i32): i32;
  @external("dormouse:host/connection@0.1.0", "tags")
  export declare function tags(connection: u64, ret: usize): void;
  @external("dormouse:host/connection@0.1.0", "set-tags")
  export declare function setTags(connection: u64, tags: usize, count: i32): i32;
  @external("dormouse:host/connection@0.1.0", "set-auto-response")
  export declare function setAutoResponse(
    connection: u64, hasPair: i32, request: usize, requestLength: i32, response: usize, responseLength: i32
  ): i32;
  @external("dormouse:host/connection@0.1.0", "get-auto-response")
  export declare function getAutoResponse(connection: u64, ret: usize): void;
  @external("dormouse:host/connection@0.1.0", "auto-response-at")
  export declare function autoResponseAt(connection: u64, ret: usize): void;
  @external("dormouse:host/connection@0.1.0", "list")
  export declare function list(hasTag: i32, tag: usize, tagLength: i32, ret: usize): void;
}

export namespace http {
  @external("dormouse:host/http@0.1.0", "respond")
  export declare function respond(
    request: u64, httpStatus: i32, headers: usize, headerCount: i32, body: usize, bodyLength: i32
  ): i32;
}

export namespace rpc {
  @external("dormouse:host/rpc@0.1.0", "respond")
  export declare function respond(request: u64, isError: i32, outcome: usize, length: i32): i32;
}

export namespace actors {
  @external("dormouse:host/actors@0.1.0", "fetch")
  export declare function fetch(
    hasNamespace: i32, namespace_: usize, namespaceLength: i32, actor: usize, actorLength: i32,
    method: usize, methodLength: i32, url: usize, urlLength: i32,
    headers: usize, headerCount: i32, body: usize, bodyLength: i32
  ): u64;
  @external("dormouse:host/actors@0.1.0", "call")
  export declare function call(
    hasNamespace: i32, namespace_: usize, namespaceLength: i32, actor: usize, actorLength: i32,
    payload: usize, payloadLength: i32
  ): u64;
  @external("dormouse:host/actors@0.1.0", "connect")
  export declare function connect(
    hasNamespace: i32, namespace_: usize, namespaceLength: i32, actor: usize, actorLength: i32,
    url: usize, urlLength: i32, headers: usize, headerCount: i32
  ): u64;
  @external("dormouse:host/actors@0.1.0", "cancel")
  export declare function cancel(operation: u64): i32;
  @external("dormouse:host/actors@0.1.0", "address")
  export declare function address(ret: usize): void;
  @external("dormouse:host/actors@0.1.0", "id-of")
  export declare function idOf(actor: usize, length: i32, ret: usize): void;
  @external("dormouse:host/actors@0.1.0", "name-of")
  export declare function nameOf(id: usize, length: i32, ret: usize): void;
}

export namespace web {
  @external("dormouse:host/web@0.1.0", "fetch")
  export declare function fetch(
    method: usize, methodLength: i32, url: usize, urlLength: i32,
    headers: usize, headerCount: i32, body: usize, bodyLength: i32, redirect: i32
  ): u64;
  @external("dormouse:host/web@0.1.0", "connect")
  export declare function connect(
    url: usize, urlLength: i32, protocols: usize, protocolCount: i32, headers: usize, headerCount: i32
  ): u64;
}

export namespace crypto {
  @external("dormouse:host/crypto@0.1.0", "digest")
  export declare function digest(hash: usize, hashLength: i32, data: usize, dataLength: i32, ret: usize): void;
  @external("dormouse:host/crypto@0.1.0", "hmac")
  export declare function hmac(
    hash: usize, hashLength: i32, key: usize, keyLength: i32, data: usize, dataLength: i32, ret: usize
  ): void;
  @external("dormouse:host/crypto@0.1.0", "aes-encrypt")
  export declare function aesEncrypt(
    mode: usize, modeLength: i32, key: usize, keyLength: i32, iv: usize, ivLength: i32,
    additional: usize, additionalLength: i32, tagBits: i32, data: usize, dataLength: i32, ret: usize
  ): void;
  @external("dormouse:host/crypto@0.1.0", "aes-decrypt")
  export declare function aesDecrypt(
    mode: usize, modeLength: i32, key: usize, keyLength: i32, iv: usize, ivLength: i32,
    additional: usize, additionalLength: i32, tagBits: i32, data: usize, dataLength: i32, ret: usize
  ): void;
  @external("dormouse:host/crypto@0.1.0", "generate-key-pair")
  export declare function generateKeyPair(curve: usize, curveLength: i32, ret: usize): void;
  @external("dormouse:host/crypto@0.1.0", "ecdsa-sign")
  export declare function ecdsaSign(
    curve: usize, curveLength: i32, hash: usize, hashLength: i32, key: usize, keyLength: i32,
    data: usize, dataLength: i32, ret: usize
  ): void;
  @external("dormouse:host/crypto@0.1.0", "ecdsa-verify")
  export declare function ecdsaVerify(
    curve: usize, curveLength: i32, hash: usize, hashLength: i32, key: usize, keyLength: i32,
    signature: usize, signatureLength: i32, data: usize, dataLength: i32
  ): i32;
  @external("dormouse:host/crypto@0.1.0", "pbkdf2")
  export declare function pbkdf2(
    hash: usize, hashLength: i32, password: usize, passwordLength: i32, salt: usize, saltLength: i32,
    iterations: u32, length: u32, ret: usize
  ): void;
  @external("dormouse:host/crypto@0.1.0", "hkdf")
  export declare function hkdf(
    hash: usize, hashLength: i32, key: usize, keyLength: i32, salt: usize, saltLength: i32,
    info: usize, infoLength: i32, length: u32, ret: usize
  ): void;
}

export namespace app {
  @external("dormouse:host/app@0.1.0", "section")
  export declare function section(name: usize, length: i32, ret: usize): void;
  @external("dormouse:host/app@0.1.0", "role")
  export declare function role(): i32;
  @external("dormouse:host/app@0.1.0", "memory-limit")
  export declare function memoryLimit(): u64;
}

export namespace timer {
  @external("dormouse:host/timer@0.1.0", "start")
  export declare function start(delayMillis: u64): u64;
  @external("dormouse:host/timer@0.1.0", "cancel")
  export declare function cancel(operation: u64): i32;
}

export namespace clock {
  @external("dormouse:host/clock@0.1.0", "now")
  export declare function now(): u64;
}

export namespace random {
  @external("dormouse:host/random@0.1.0", "bytes")
  export declare function bytes(length: u32, ret: usize): void;
  @external("dormouse:host/random@0.1.0", "u64")
  export declare function nextU64(): u64;
}

export namespace log {
  @external("dormouse:host/log@0.1.0", "write")
  export declare function write(level: i32, message: usize, length: i32): void;
}

export namespace env {
  @external("dormouse:host/env@0.1.0", "get")
  export declare function get(name: usize, length: i32, ret: usize): void;
  @external("dormouse:host/env@0.1.0", "all")
  export declare function all(ret: usize): void;
}
