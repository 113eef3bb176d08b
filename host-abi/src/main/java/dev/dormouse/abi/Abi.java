package dev.dormouse.abi;

import static java.util.Map.entry;

import java.util.Map;

/**
 * The flat form of dormouse.wit: what a core module imports and exports. A test holds these tables
 * to the WIT text.
 */
public final class Abi {
  /** Version of the package {@code dormouse:host} that this server speaks. */
  public static final String VERSION = "0.1.0";

  /** What every import module of the contract starts with. */
  public static final String PACKAGE = "dormouse:host";

  /** Export that the host calls to get memory for what it hands to the guest. */
  public static final String REALLOC = "cabi_realloc";

  /**
   * Signature of {@link #REALLOC}: old pointer, old size, alignment, new size; answers a pointer.
   */
  public static final FlatSignature REALLOC_SIGNATURE = FlatSignature.of("iiii_i");

  /** The export name of the guest's linear memory. */
  public static final String MEMORY = "memory";

  /** Largest attachment of a connection, in bytes. */
  public static final int MAX_ATTACHMENT_BYTES = 16 * 1024;

  /** Most tags of a connection. */
  public static final int MAX_TAGS = 10;

  /** Longest tag, in bytes of UTF-8. */
  public static final int MAX_TAG_BYTES = 256;

  /** Longest close reason, in bytes of UTF-8 (RFC 6455, section 5.5). */
  public static final int MAX_CLOSE_REASON_BYTES = 123;

  /** Longest text of an automatic response, and of what it answers, in bytes of UTF-8. */
  public static final int MAX_AUTO_RESPONSE_BYTES = 2_048;

  /** Most bytes that one call of {@code random.bytes} answers. */
  public static final int MAX_RANDOM_BYTES = 65_536;

  /** Most timers of an instance at a time. */
  public static final int MAX_TIMERS = 1_024;

  /** Most operations (calls to actors, to the web) that an instance may have open at a time. */
  public static final int MAX_OPERATIONS = 256;

  /** How deep calls from actor to actor may nest; a request from outside has depth 0. */
  public static final int MAX_CALL_DEPTH = 32;

  /** Most bytes that one call of {@code crypto.pbkdf2} or {@code crypto.hkdf} derives. */
  public static final int MAX_DERIVED_BYTES = 4_096;

  /**
   * Ids of connections, requests and operations start here, so that no id is taken for an HTTP
   * status.
   */
  public static final long FIRST_ID = 1_000;

  /** Longest name of an actor, in bytes of UTF-8. */
  public static final int MAX_NAME_BYTES = 512;

  /** Imports: interface, then function, then flat signature. */
  public static final Map<String, Map<String, FlatSignature>> IMPORTS =
      Map.ofEntries(
          entry(
              "identity",
              functions("name", "i_", "id", "i_", "namespace", "i_", "waking-reason", "_i")),
          entry(
              "storage",
              functions(
                  "get", "iii_",
                  "get-many", "iii_",
                  "put", "iiii_i",
                  "put-many", "ii_i",
                  "delete", "ii_i",
                  "delete-many", "ii_i",
                  "list", "iiiiiiiiiiiiiiii_",
                  "delete-all", "_")),
          entry("alarm", functions("get", "i_", "set", "I_", "delete", "_", "retry", "IIi_")),
          entry(
              "connection",
              functions(
                  "send-text", "Iii_i",
                  "send-bytes", "Iii_i",
                  "broadcast-text", "iiiii_i",
                  "broadcast-bytes", "iiiii_i",
                  "close", "Iiii_i",
                  "reject", "Iiii_i",
                  "refuse", "Iiiiii_i",
                  "defer", "I_i",
                  "accept", "Iiii_i",
                  "splice", "II_i",
                  "get-attachment", "Ii_",
                  "set-attachment", "Iii_i",
                  "tags", "Ii_",
                  "set-tags", "Iii_i",
                  "set-auto-response", "Iiiiii_i",
                  "get-auto-response", "Ii_",
                  "auto-response-at", "Ii_",
                  "list", "iiii_")),
          entry("http", functions("respond", "Iiiiii_i", "pass-on", "IIiii_i")),
          entry("rpc", functions("respond", "Iiii_i")),
          entry(
              "actors",
              functions(
                  "fetch", "iiiiiiiiiiiii_I",
                  "call", "iiiiiii_I",
                  "connect", "iiiiiiiii_I",
                  "cancel", "I_i",
                  "address", "i_",
                  "id-of", "iii_",
                  "name-of", "iii_")),
          entry("web", functions("fetch", "iiiiiiiii_I", "connect", "iiiiii_I", "cancel", "I_i")),
          entry(
              "crypto",
              functions(
                  "digest", "iiiii_",
                  "hmac", "iiiiiii_",
                  "aes-encrypt", "iiiiiiiiiiii_",
                  "aes-decrypt", "iiiiiiiiiiii_",
                  "generate-key-pair", "iii_",
                  "ecdsa-sign", "iiiiiiiii_",
                  "ecdsa-verify", "iiiiiiiiii_i",
                  "pbkdf2", "iiiiiiiii_",
                  "hkdf", "iiiiiiiiii_")),
          entry("app", functions("section", "iii_", "role", "_i", "memory-limit", "_I")),
          entry("timer", functions("start", "I_I", "cancel", "I_i")),
          entry("clock", functions("now", "_I")),
          entry("random", functions("bytes", "ii_", "u64", "_I")),
          entry("log", functions("write", "iii_")),
          entry("env", functions("get", "iii_", "all", "i_")));

  /** Exports: function, then flat signature. All optional; see {@link #HANDLERS}. */
  public static final Map<String, FlatSignature> EXPORTS =
      functions(
          "start", "_",
          "connect", "Iiiii_",
          "message", "Iiii_",
          "close", "Iiii_",
          "fetch", "Iiiiiiiii_",
          "call", "Iii_",
          "alarm", "iI_",
          "complete", "Iiii_");

  /** A module exports at least one of these. */
  public static final java.util.Set<String> HANDLERS =
      java.util.Set.of("connect", "message", "fetch", "call", "alarm");

  private Abi() {}

  /** The import module name of an interface, such as {@code dormouse:host/storage@0.1.0}. */
  public static String importModule(String interfaceName) {
    return PACKAGE + "/" + interfaceName + "@" + VERSION;
  }

  private static Map<String, FlatSignature> functions(String... namesAndSignatures) {
    var table = new java.util.HashMap<String, FlatSignature>();
    for (int i = 0; i < namesAndSignatures.length; i += 2) {
      table.put(namesAndSignatures[i], FlatSignature.of(namesAndSignatures[i + 1]));
    }
    return Map.copyOf(table);
  }
}
