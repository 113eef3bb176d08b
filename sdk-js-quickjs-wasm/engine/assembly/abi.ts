/** The functions of host-abi/dormouse.wit in their flat form. */

// @ts-ignore
@external("dormouse:host/identity@0.1.0", "name") export declare function identity_name(ret: usize): void;
// @ts-ignore
@external("dormouse:host/identity@0.1.0", "id") export declare function identity_id(ret: usize): void;
// @ts-ignore
@external("dormouse:host/identity@0.1.0", "namespace") export declare function identity_namespace(ret: usize): void;
// @ts-ignore
@external("dormouse:host/identity@0.1.0", "waking-reason") export declare function identity_waking_reason(): i32;

// @ts-ignore
@external("dormouse:host/storage@0.1.0", "get") export declare function storage_get(key: usize, keyLength: i32, ret: usize): void;
// @ts-ignore
@external("dormouse:host/storage@0.1.0", "get-many") export declare function storage_get_many(keys: usize, count: i32, ret: usize): void;
// @ts-ignore
@external("dormouse:host/storage@0.1.0", "put") export declare function storage_put(key: usize, keyLength: i32, value: usize, valueLength: i32): i32;
// @ts-ignore
@external("dormouse:host/storage@0.1.0", "put-many") export declare function storage_put_many(entries: usize, count: i32): i32;
// @ts-ignore
@external("dormouse:host/storage@0.1.0", "delete") export declare function storage_delete(key: usize, keyLength: i32): i32;
// @ts-ignore
@external("dormouse:host/storage@0.1.0", "delete-many") export declare function storage_delete_many(keys: usize, count: i32): i32;
// @ts-ignore
@external("dormouse:host/storage@0.1.0", "list") export declare function storage_list(hasStart: i32, start: usize, startLength: i32, hasAfter: i32, after: usize, afterLength: i32, hasEnd: i32, end: usize, endLength: i32, hasPrefix: i32, prefix: usize, prefixLength: i32, reverse: i32, hasLimit: i32, limit: i32, ret: usize): void;
// @ts-ignore
@external("dormouse:host/storage@0.1.0", "delete-all") export declare function storage_delete_all(): void;

// @ts-ignore
@external("dormouse:host/alarm@0.1.0", "get") export declare function alarm_get(ret: usize): void;
// @ts-ignore
@external("dormouse:host/alarm@0.1.0", "set") export declare function alarm_set(dueMillis: u64): void;
// @ts-ignore
@external("dormouse:host/alarm@0.1.0", "delete") export declare function alarm_delete(): void;
// @ts-ignore
@external("dormouse:host/alarm@0.1.0", "retry") export declare function alarm_retry(atMillis: u64, dueMillis: u64, attempt: i32): void;

// @ts-ignore
@external("dormouse:host/connection@0.1.0", "send-text") export declare function connection_send_text(connection: u64, text: usize, length: i32): i32;
// @ts-ignore
@external("dormouse:host/connection@0.1.0", "send-bytes") export declare function connection_send_bytes(connection: u64, bytes: usize, length: i32): i32;
// @ts-ignore
@external("dormouse:host/connection@0.1.0", "broadcast-text") export declare function connection_broadcast_text(hasTag: i32, tag: usize, tagLength: i32, text: usize, length: i32): i32;
// @ts-ignore
@external("dormouse:host/connection@0.1.0", "broadcast-bytes") export declare function connection_broadcast_bytes(hasTag: i32, tag: usize, tagLength: i32, bytes: usize, length: i32): i32;
// @ts-ignore
@external("dormouse:host/connection@0.1.0", "close") export declare function connection_close(connection: u64, code: i32, reason: usize, length: i32): i32;
// @ts-ignore
@external("dormouse:host/connection@0.1.0", "reject") export declare function connection_reject(connection: u64, status: i32, message: usize, length: i32): i32;
// @ts-ignore
@external("dormouse:host/connection@0.1.0", "refuse") export declare function connection_refuse(connection: u64, status: i32, headers: usize, count: i32, body: usize, length: i32): i32;
// @ts-ignore
@external("dormouse:host/connection@0.1.0", "defer") export declare function connection_defer(connection: u64): i32;
// @ts-ignore
@external("dormouse:host/connection@0.1.0", "accept") export declare function connection_accept(connection: u64, hasProtocol: i32, protocol: usize, length: i32): i32;
// @ts-ignore
@external("dormouse:host/connection@0.1.0", "splice") export declare function connection_splice(a: u64, b: u64): i32;
// @ts-ignore
@external("dormouse:host/connection@0.1.0", "get-attachment") export declare function connection_get_attachment(connection: u64, ret: usize): void;
// @ts-ignore
@external("dormouse:host/connection@0.1.0", "set-attachment") export declare function connection_set_attachment(connection: u64, bytes: usize, length: i32): i32;
// @ts-ignore
@external("dormouse:host/connection@0.1.0", "tags") export declare function connection_tags(connection: u64, ret: usize): void;
// @ts-ignore
@external("dormouse:host/connection@0.1.0", "set-tags") export declare function connection_set_tags(connection: u64, tags: usize, count: i32): i32;
// @ts-ignore
@external("dormouse:host/connection@0.1.0", "set-auto-response") export declare function connection_set_auto_response(connection: u64, hasPair: i32, request: usize, requestLength: i32, response: usize, responseLength: i32): i32;
// @ts-ignore
@external("dormouse:host/connection@0.1.0", "get-auto-response") export declare function connection_get_auto_response(connection: u64, ret: usize): void;
// @ts-ignore
@external("dormouse:host/connection@0.1.0", "auto-response-at") export declare function connection_auto_response_at(connection: u64, ret: usize): void;
// @ts-ignore
@external("dormouse:host/connection@0.1.0", "list") export declare function connection_list(hasTag: i32, tag: usize, tagLength: i32, ret: usize): void;

// @ts-ignore
@external("dormouse:host/http@0.1.0", "respond") export declare function http_respond(request: u64, status: i32, headers: usize, count: i32, body: usize, length: i32): i32;
// @ts-ignore
@external("dormouse:host/http@0.1.0", "pass-on") export declare function http_pass_on(request: u64, operation: u64, hasUnless: i32, unless: usize, unlessLength: i32): i32;

// @ts-ignore
@external("dormouse:host/timer@0.1.0", "start") export declare function timer_start(millis: u64): u64;
// @ts-ignore
@external("dormouse:host/timer@0.1.0", "cancel") export declare function timer_cancel(operation: u64): i32;

// @ts-ignore
@external("dormouse:host/clock@0.1.0", "now") export declare function clock_now(): u64;
// @ts-ignore
@external("dormouse:host/random@0.1.0", "bytes") export declare function random_bytes(length: i32, ret: usize): void;
// @ts-ignore
@external("dormouse:host/random@0.1.0", "u64") export declare function random_u64(): u64;
// @ts-ignore
@external("dormouse:host/log@0.1.0", "write") export declare function log_write(level: i32, text: usize, length: i32): void;
// @ts-ignore
@external("dormouse:host/env@0.1.0", "all") export declare function env_all(ret: usize): void;

// @ts-ignore
@external("dormouse:host/actors@0.1.0", "fetch") export declare function actors_fetch(hasNamespace: i32, namespace_: usize, namespaceLength: i32, actor: usize, actorLength: i32, method: usize, methodLength: i32, url: usize, urlLength: i32, headers: usize, count: i32, body: usize, length: i32): u64;
// @ts-ignore
@external("dormouse:host/actors@0.1.0", "call") export declare function actors_call(hasNamespace: i32, namespace_: usize, namespaceLength: i32, actor: usize, actorLength: i32, payload: usize, length: i32): u64;
// @ts-ignore
@external("dormouse:host/actors@0.1.0", "connect") export declare function actors_connect(hasNamespace: i32, namespace_: usize, namespaceLength: i32, actor: usize, actorLength: i32, url: usize, urlLength: i32, headers: usize, count: i32): u64;
// @ts-ignore
@external("dormouse:host/actors@0.1.0", "cancel") export declare function actors_cancel(operation: u64): i32;
// @ts-ignore
@external("dormouse:host/actors@0.1.0", "address") export declare function actors_address(ret: usize): void;
// @ts-ignore
@external("dormouse:host/actors@0.1.0", "id-of") export declare function actors_id_of(actor: usize, length: i32, ret: usize): void;
// @ts-ignore
@external("dormouse:host/actors@0.1.0", "name-of") export declare function actors_name_of(id: usize, length: i32, ret: usize): void;
// @ts-ignore
@external("dormouse:host/rpc@0.1.0", "respond") export declare function rpc_respond(request: u64, failed: i32, outcome: usize, length: i32): i32;

// @ts-ignore
@external("dormouse:host/web@0.1.0", "fetch") export declare function web_fetch(method: usize, methodLength: i32, url: usize, urlLength: i32, headers: usize, count: i32, body: usize, length: i32, redirect: i32): u64;
// @ts-ignore
@external("dormouse:host/web@0.1.0", "connect") export declare function web_connect(url: usize, urlLength: i32, protocols: usize, protocolCount: i32, headers: usize, count: i32): u64;

// @ts-ignore
@external("dormouse:host/app@0.1.0", "section") export declare function app_section(name: usize, length: i32, ret: usize): void;
// @ts-ignore
@external("dormouse:host/app@0.1.0", "role") export declare function app_role(): i32;
// @ts-ignore
@external("dormouse:host/app@0.1.0", "memory-limit") export declare function app_memory_limit(): u64;

// @ts-ignore
@external("dormouse:host/crypto@0.1.0", "digest") export declare function crypto_digest(hash: usize, hashLength: i32, data: usize, dataLength: i32, ret: usize): void;
// @ts-ignore
@external("dormouse:host/crypto@0.1.0", "hmac") export declare function crypto_hmac(hash: usize, hashLength: i32, key: usize, keyLength: i32, data: usize, dataLength: i32, ret: usize): void;
// @ts-ignore
@external("dormouse:host/crypto@0.1.0", "aes-encrypt") export declare function crypto_aes_encrypt(mode: usize, modeLength: i32, key: usize, keyLength: i32, iv: usize, ivLength: i32, additional: usize, additionalLength: i32, tagBits: i32, data: usize, dataLength: i32, ret: usize): void;
// @ts-ignore
@external("dormouse:host/crypto@0.1.0", "aes-decrypt") export declare function crypto_aes_decrypt(mode: usize, modeLength: i32, key: usize, keyLength: i32, iv: usize, ivLength: i32, additional: usize, additionalLength: i32, tagBits: i32, data: usize, dataLength: i32, ret: usize): void;
// @ts-ignore
@external("dormouse:host/crypto@0.1.0", "generate-key-pair") export declare function crypto_generate_key_pair(curve: usize, curveLength: i32, ret: usize): void;
// @ts-ignore
@external("dormouse:host/crypto@0.1.0", "ecdsa-sign") export declare function crypto_ecdsa_sign(curve: usize, curveLength: i32, hash: usize, hashLength: i32, key: usize, keyLength: i32, data: usize, dataLength: i32, ret: usize): void;
// @ts-ignore
@external("dormouse:host/crypto@0.1.0", "ecdsa-verify") export declare function crypto_ecdsa_verify(curve: usize, curveLength: i32, hash: usize, hashLength: i32, key: usize, keyLength: i32, signature: usize, signatureLength: i32, data: usize, dataLength: i32): i32;
// @ts-ignore
@external("dormouse:host/crypto@0.1.0", "pbkdf2") export declare function crypto_pbkdf2(hash: usize, hashLength: i32, password: usize, passwordLength: i32, salt: usize, saltLength: i32, iterations: i32, length: i32, ret: usize): void;
// @ts-ignore
@external("dormouse:host/crypto@0.1.0", "hkdf") export declare function crypto_hkdf(hash: usize, hashLength: i32, key: usize, keyLength: i32, salt: usize, saltLength: i32, info: usize, infoLength: i32, length: i32, ret: usize): void;
