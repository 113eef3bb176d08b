/* The guest contract for C: dormouse.wit, flattened. See ABI.md for the rules.
 *
 * clang --target=wasm32 -O2 -nostdlib -Wl,--no-entry -o actor.wasm actor.c
 *
 * Define the exports that the actor has, with DORMOUSE_EXPORT before them, and cabi_realloc:
 *
 *   DORMOUSE_EXPORT(fetch) void dormouse_fetch(uint64_t request, ...) { ... }
 */
#ifndef DORMOUSE_H
#define DORMOUSE_H

#include <stddef.h>
#include <stdint.h>

#define DORMOUSE_VERSION "0.1.0"

#define DORMOUSE_IMPORT(interface_, function_)                                            \
  __attribute__((import_module("dormouse:host/" interface_ "@" DORMOUSE_VERSION),          \
                 import_name(function_)))
#define DORMOUSE_EXPORT(function_) __attribute__((export_name(#function_)))

#ifdef __cplusplus
extern "C" {
#endif

/* Layouts of the canonical ABI in wasm32. */
typedef struct { uint8_t *start; size_t length; } dormouse_bytes;   /* a list of bytes, or UTF-8 */
typedef struct { dormouse_bytes *start; size_t length; } dormouse_list;
typedef struct { dormouse_bytes key, value; } dormouse_pair;
typedef struct { dormouse_pair *start; size_t length; } dormouse_pairs;
typedef struct { uint64_t *start; size_t length; } dormouse_u64s;
typedef struct { uint8_t some; dormouse_bytes value; } dormouse_option_bytes;
typedef struct { uint8_t some; uint64_t value; } dormouse_option_u64;
typedef struct { uint8_t some; dormouse_pair value; } dormouse_option_pair;
typedef struct { uint8_t is_error; dormouse_bytes value; } dormouse_result_bytes;

enum dormouse_status {
  DORMOUSE_OK,
  DORMOUSE_KEY_TOO_LARGE,
  DORMOUSE_VALUE_TOO_LARGE,
  DORMOUSE_STORAGE_FULL,
  DORMOUSE_NOT_FOUND,
  DORMOUSE_TOO_MANY,
  DORMOUSE_INVALID
};

enum dormouse_waking_reason {
  DORMOUSE_WOKEN_BY_CONNECT,
  DORMOUSE_WOKEN_BY_MESSAGE,
  DORMOUSE_WOKEN_BY_CLOSE,
  DORMOUSE_WOKEN_BY_FETCH,
  DORMOUSE_WOKEN_BY_ALARM,
  DORMOUSE_WOKEN_BY_COMPLETE,
  DORMOUSE_WOKEN_BY_CALL
};

enum dormouse_role { DORMOUSE_ACTOR, DORMOUSE_GATEWAY };

enum dormouse_level { DORMOUSE_DEBUG, DORMOUSE_INFO, DORMOUSE_WARN, DORMOUSE_ERROR };

/* identity */
DORMOUSE_IMPORT("identity", "name") void dormouse_name(dormouse_bytes *answer);
DORMOUSE_IMPORT("identity", "id") void dormouse_id(dormouse_bytes *answer);
DORMOUSE_IMPORT("identity", "namespace") void dormouse_namespace(dormouse_bytes *answer);
DORMOUSE_IMPORT("identity", "waking-reason") uint32_t dormouse_waking_reason(void);

/* storage */
DORMOUSE_IMPORT("storage", "get") void dormouse_storage_get(
    const char *key, size_t key_length, dormouse_option_bytes *answer);
DORMOUSE_IMPORT("storage", "get-many") void dormouse_storage_get_many(
    const dormouse_bytes *keys, size_t count, dormouse_pairs *answer);
DORMOUSE_IMPORT("storage", "put") uint32_t dormouse_storage_put(
    const char *key, size_t key_length, const void *value, size_t value_length);
DORMOUSE_IMPORT("storage", "put-many") uint32_t dormouse_storage_put_many(
    const dormouse_pair *entries, size_t count);
DORMOUSE_IMPORT("storage", "delete") uint32_t dormouse_storage_delete(
    const char *key, size_t key_length);
DORMOUSE_IMPORT("storage", "delete-many") uint32_t dormouse_storage_delete_many(
    const dormouse_bytes *keys, size_t count);
DORMOUSE_IMPORT("storage", "list") void dormouse_storage_list(
    uint32_t has_start, const char *start, size_t start_length,
    uint32_t has_start_after, const char *start_after, size_t start_after_length,
    uint32_t has_end, const char *end, size_t end_length,
    uint32_t has_prefix, const char *prefix, size_t prefix_length,
    uint32_t reverse, uint32_t has_limit, uint32_t limit,
    dormouse_pairs *answer);
DORMOUSE_IMPORT("storage", "delete-all") void dormouse_storage_delete_all(void);

/* alarm */
DORMOUSE_IMPORT("alarm", "get") void dormouse_alarm_get(dormouse_option_u64 *answer);
DORMOUSE_IMPORT("alarm", "set") void dormouse_alarm_set(uint64_t due_millis);
DORMOUSE_IMPORT("alarm", "delete") void dormouse_alarm_delete(void);
DORMOUSE_IMPORT("alarm", "retry") void dormouse_alarm_retry(
    uint64_t at_millis, uint64_t due_millis, uint32_t attempt);

/* connection */
DORMOUSE_IMPORT("connection", "send-text") uint32_t dormouse_send_text(
    uint64_t connection, const char *text, size_t length);
DORMOUSE_IMPORT("connection", "send-bytes") uint32_t dormouse_send_bytes(
    uint64_t connection, const void *bytes, size_t length);
DORMOUSE_IMPORT("connection", "broadcast-text") uint32_t dormouse_broadcast_text(
    uint32_t has_tag, const char *tag, size_t tag_length, const char *text, size_t length);
DORMOUSE_IMPORT("connection", "broadcast-bytes") uint32_t dormouse_broadcast_bytes(
    uint32_t has_tag, const char *tag, size_t tag_length, const void *bytes, size_t length);
DORMOUSE_IMPORT("connection", "close") uint32_t dormouse_connection_close(
    uint64_t connection, uint32_t code, const char *reason, size_t length);
DORMOUSE_IMPORT("connection", "reject") uint32_t dormouse_connection_reject(
    uint64_t connection, uint32_t http_status, const char *message, size_t length);
DORMOUSE_IMPORT("connection", "refuse") uint32_t dormouse_connection_refuse(
    uint64_t connection, uint32_t http_status, const dormouse_pair *headers, size_t header_count,
    const void *body, size_t body_length);
DORMOUSE_IMPORT("connection", "defer") uint32_t dormouse_connection_defer(uint64_t connection);
DORMOUSE_IMPORT("connection", "accept") uint32_t dormouse_connection_accept(
    uint64_t connection, uint32_t has_protocol, const char *protocol, size_t length);
DORMOUSE_IMPORT("connection", "splice") uint32_t dormouse_connection_splice(
    uint64_t a, uint64_t b);
DORMOUSE_IMPORT("connection", "get-attachment") void dormouse_get_attachment(
    uint64_t connection, dormouse_option_bytes *answer);
DORMOUSE_IMPORT("connection", "set-attachment") uint32_t dormouse_set_attachment(
    uint64_t connection, const void *value, size_t length);
DORMOUSE_IMPORT("connection", "tags") void dormouse_tags(
    uint64_t connection, dormouse_list *answer);
DORMOUSE_IMPORT("connection", "set-tags") uint32_t dormouse_set_tags(
    uint64_t connection, const dormouse_bytes *tags, size_t count);
DORMOUSE_IMPORT("connection", "set-auto-response") uint32_t dormouse_set_auto_response(
    uint64_t connection, uint32_t has_pair, const char *request, size_t request_length,
    const char *response, size_t response_length);
DORMOUSE_IMPORT("connection", "get-auto-response") void dormouse_get_auto_response(
    uint64_t connection, dormouse_option_pair *answer);
DORMOUSE_IMPORT("connection", "auto-response-at") void dormouse_auto_response_at(
    uint64_t connection, dormouse_option_u64 *answer);
DORMOUSE_IMPORT("connection", "list") void dormouse_connection_list(
    uint32_t has_tag, const char *tag, size_t tag_length, dormouse_u64s *answer);

/* http */
DORMOUSE_IMPORT("http", "pass-on") uint32_t dormouse_pass_on(
    uint64_t request, uint64_t operation, uint32_t has_unless, const char *unless, size_t unless_length);
DORMOUSE_IMPORT("http", "respond") uint32_t dormouse_respond(
    uint64_t request, uint32_t http_status, const dormouse_pair *headers, size_t header_count,
    const void *body, size_t body_length);

/* rpc */
DORMOUSE_IMPORT("rpc", "respond") uint32_t dormouse_rpc_respond(
    uint64_t request, uint32_t is_error, const void *outcome, size_t length);

/* actors: each answers an operation, which ends with the export complete, or 0 */
DORMOUSE_IMPORT("actors", "fetch") uint64_t dormouse_actor_fetch(
    uint32_t has_namespace, const char *namespace_, size_t namespace_length,
    const char *actor, size_t actor_length, const char *method, size_t method_length,
    const char *url, size_t url_length, const dormouse_pair *headers, size_t header_count,
    const void *body, size_t body_length);
DORMOUSE_IMPORT("actors", "call") uint64_t dormouse_actor_call(
    uint32_t has_namespace, const char *namespace_, size_t namespace_length,
    const char *actor, size_t actor_length, const void *payload, size_t payload_length);
DORMOUSE_IMPORT("actors", "connect") uint64_t dormouse_actor_connect(
    uint32_t has_namespace, const char *namespace_, size_t namespace_length,
    const char *actor, size_t actor_length, const char *url, size_t url_length,
    const dormouse_pair *headers, size_t header_count);
DORMOUSE_IMPORT("actors", "cancel") uint32_t dormouse_actor_cancel(uint64_t operation);
DORMOUSE_IMPORT("actors", "address") void dormouse_address(dormouse_bytes *answer);
DORMOUSE_IMPORT("actors", "id-of") void dormouse_id_of(
    const char *actor, size_t actor_length, dormouse_bytes *answer);
DORMOUSE_IMPORT("actors", "name-of") void dormouse_name_of(
    const char *id, size_t id_length, dormouse_option_bytes *answer);

/* web: operations, too; redirect is 0 to follow, 1 for the answer as it is, 2 for an error */
DORMOUSE_IMPORT("web", "fetch") uint64_t dormouse_web_fetch(
    const char *method, size_t method_length, const char *url, size_t url_length,
    const dormouse_pair *headers, size_t header_count, const void *body, size_t body_length,
    uint32_t redirect);
DORMOUSE_IMPORT("web", "connect") uint64_t dormouse_web_connect(
    const char *url, size_t url_length, const dormouse_bytes *protocols, size_t protocol_count,
    const dormouse_pair *headers, size_t header_count);
DORMOUSE_IMPORT("web", "cancel") uint32_t dormouse_web_cancel(uint64_t operation);

/* crypto */
DORMOUSE_IMPORT("crypto", "digest") void dormouse_digest(
    const char *hash, size_t hash_length, const void *data, size_t length,
    dormouse_option_bytes *answer);
DORMOUSE_IMPORT("crypto", "hmac") void dormouse_hmac(
    const char *hash, size_t hash_length, const void *key, size_t key_length,
    const void *data, size_t length, dormouse_option_bytes *answer);
DORMOUSE_IMPORT("crypto", "aes-encrypt") void dormouse_aes_encrypt(
    const char *mode, size_t mode_length, const void *key, size_t key_length,
    const void *iv, size_t iv_length, const void *additional_data, size_t additional_length,
    uint32_t tag_bits, const void *data, size_t length, dormouse_result_bytes *answer);
DORMOUSE_IMPORT("crypto", "aes-decrypt") void dormouse_aes_decrypt(
    const char *mode, size_t mode_length, const void *key, size_t key_length,
    const void *iv, size_t iv_length, const void *additional_data, size_t additional_length,
    uint32_t tag_bits, const void *data, size_t length, dormouse_result_bytes *answer);
DORMOUSE_IMPORT("crypto", "generate-key-pair") void dormouse_generate_key_pair(
    const char *curve, size_t curve_length, dormouse_option_pair *answer);
DORMOUSE_IMPORT("crypto", "ecdsa-sign") void dormouse_ecdsa_sign(
    const char *curve, size_t curve_length, const char *hash, size_t hash_length,
    const void *private_key, size_t key_length, const void *data, size_t length,
    dormouse_result_bytes *answer);
DORMOUSE_IMPORT("crypto", "ecdsa-verify") uint32_t dormouse_ecdsa_verify(
    const char *curve, size_t curve_length, const char *hash, size_t hash_length,
    const void *public_key, size_t key_length, const void *signature, size_t signature_length,
    const void *data, size_t length);
DORMOUSE_IMPORT("crypto", "pbkdf2") void dormouse_pbkdf2(
    const char *hash, size_t hash_length, const void *password, size_t password_length,
    const void *salt, size_t salt_length, uint32_t iterations, uint32_t length,
    dormouse_result_bytes *answer);
DORMOUSE_IMPORT("crypto", "hkdf") void dormouse_hkdf(
    const char *hash, size_t hash_length, const void *key, size_t key_length,
    const void *salt, size_t salt_length, const void *info, size_t info_length,
    uint32_t length, dormouse_result_bytes *answer);

/* app */
DORMOUSE_IMPORT("app", "section") void dormouse_section(
    const char *name, size_t name_length, dormouse_option_bytes *answer);
DORMOUSE_IMPORT("app", "role") uint32_t dormouse_role(void);
DORMOUSE_IMPORT("app", "memory-limit") uint64_t dormouse_memory_limit(void);

/* timer */
DORMOUSE_IMPORT("timer", "start") uint64_t dormouse_timer_start(uint64_t delay_millis);
DORMOUSE_IMPORT("timer", "cancel") uint32_t dormouse_timer_cancel(uint64_t operation);

/* clock */
DORMOUSE_IMPORT("clock", "now") uint64_t dormouse_now(void);

/* random */
DORMOUSE_IMPORT("random", "bytes") void dormouse_random_bytes(
    uint32_t length, dormouse_bytes *answer);
DORMOUSE_IMPORT("random", "u64") uint64_t dormouse_random_u64(void);

/* log */
DORMOUSE_IMPORT("log", "write") void dormouse_log_write(
    uint32_t level, const char *message, size_t length);

/* env */
DORMOUSE_IMPORT("env", "get") void dormouse_env_get(
    const char *name, size_t name_length, dormouse_option_bytes *answer);
DORMOUSE_IMPORT("env", "all") void dormouse_env_all(dormouse_pairs *answer);

/* Exports: define those that the actor has. Lists and texts in the arguments are the guest's to
 * free. */
DORMOUSE_EXPORT(start) void dormouse_start(void);
DORMOUSE_EXPORT(connect) void dormouse_connect(
    uint64_t connection, char *url, size_t url_length, dormouse_pair *headers, size_t header_count);
DORMOUSE_EXPORT(message) void dormouse_message(
    uint64_t connection, uint32_t is_bytes, uint8_t *message, size_t length);
DORMOUSE_EXPORT(close) void dormouse_close(
    uint64_t connection, uint32_t code, char *reason, size_t length);
DORMOUSE_EXPORT(fetch) void dormouse_fetch(
    uint64_t request, char *method, size_t method_length, char *url, size_t url_length,
    dormouse_pair *headers, size_t header_count, uint8_t *body, size_t body_length);
DORMOUSE_EXPORT(call) void dormouse_call(uint64_t request, uint8_t *payload, size_t length);
DORMOUSE_EXPORT(alarm) void dormouse_alarm(uint32_t attempt, uint64_t due_millis);
DORMOUSE_EXPORT(complete) void dormouse_complete(
    uint64_t operation, uint32_t is_error, uint8_t *outcome, size_t length);
DORMOUSE_EXPORT(cabi_realloc) void *dormouse_realloc(
    void *old, size_t old_size, size_t alignment, size_t new_size);

#ifdef __cplusplus
}
#endif

#endif
