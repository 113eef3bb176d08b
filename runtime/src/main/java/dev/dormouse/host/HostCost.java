package dev.dormouse.host;

/**
 * What host calls cost, in fuel units: about a nanosecond of work each. Every call costs {@link
 * #CALL} and {@link #perByte} of what passes the border; the rest is on top.
 */
final class HostCost {
  static final long CALL = 100;
  static final long STORAGE_READ = 1_000;
  static final long STORAGE_WRITE = 1_000;
  static final long STORAGE_LIST = 5_000;
  static final long PER_ENTRY = 200;
  static final long SEND = 500;
  static final long PER_RECEIVER = 100;
  static final long RESPOND = 500;
  static final long TIMER = 1_000;
  static final long OPERATION = 5_000;
  static final long SEARCH = 20_000;
  static final long LOG = 2_000;
  static final long RANDOM = 500;
  static final long CRYPTO = 5_000;

  /** Each byte that is hashed or encrypted, beside {@link #perByte}. */
  static final long CRYPTO_BYTE = 4;

  /** One round of PBKDF2. */
  static final long HASH_ROUND = 1_000;

  /** Making a key, a signature, or checking one. */
  static final long SIGNATURE = 1_000_000;

  private HostCost() {}

  static long perByte(long bytes) {
    return bytes / 4;
  }
}
