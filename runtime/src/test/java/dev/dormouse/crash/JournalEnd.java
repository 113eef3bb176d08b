package dev.dormouse.crash;

import dev.dormouse.storage.StorageKey;
import dev.dormouse.storage.journal.JournalReader;
import dev.dormouse.storage.journal.JournalReader.Whole;
import dev.dormouse.storage.journal.WriteSetCodec;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;

/**
 * Does to the end of a dead server's journal what a power cut can do: changes what had not been
 * forced to disk yet, and nothing else.
 */
final class JournalEnd {
  private static final StorageKey COUNT = StorageKey.of("count");

  private JournalEnd() {}

  /** Whether a count of an actor was never acknowledged. */
  @FunctionalInterface
  interface Unacknowledged {
    boolean test(int actor, long count);
  }

  /** Damages the end, and answers whether a whole batch was there to be torn. */
  static boolean damage(Path journal, Random random, Unacknowledged unacknowledged)
      throws IOException {
    var segments = JournalReader.list(journal);
    var newest = segments.getLast();
    try (var file = new RandomAccessFile(newest.file().toFile(), "rw")) {
      if (!newest.batches().isEmpty() && isEnd(file, newest.end())) {
        var last = newest.batches().getLast();
        var payloads = payloads(journal);
        boolean free =
            last.records().stream()
                .allMatch(
                    at -> neverAnswered(payloads.get(at.lsn()), at.id().name(), unacknowledged));
        if (free) {
          tear(file, last.offset(), newest.end(), random);
          return true;
        }
      }
      garbage(file, newest.end(), random);
      return false;
    }
  }

  /** Whether only zeros follow: a journal that fell idle marks that its last batch was forced. */
  private static boolean isEnd(RandomAccessFile file, long end) throws IOException {
    var next = new byte[(int) Math.min(64, Math.max(0, file.length() - end))];
    file.seek(end);
    file.readFully(next);
    for (byte b : next) {
      if (b != 0) {
        return false;
      }
    }
    return true;
  }

  private static Map<Long, byte[]> payloads(Path journal) throws IOException {
    var payloads = new HashMap<Long, byte[]>();
    JournalReader.read(
        journal,
        found -> {
          if (found instanceof Whole whole) {
            payloads.put(whole.at().lsn(), whole.payload());
          }
        });
    return payloads;
  }

  private static boolean neverAnswered(byte[] payload, String actor, Unacknowledged test) {
    if (payload == null || !actor.startsWith("actor-")) {
      return false;
    }
    var value = WriteSetCodec.decode(payload).entries().get(COUNT);
    return value != null
        && test.test(
            Integer.parseInt(actor.substring("actor-".length())),
            ByteBuffer.wrap(value).order(ByteOrder.LITTLE_ENDIAN).getLong());
  }

  private static void tear(RandomAccessFile file, long from, long end, Random random)
      throws IOException {
    long at = from + random.nextLong(end - from);
    if (random.nextBoolean()) {
      file.seek(at);
      int old = file.read();
      file.seek(at);
      file.write(old ^ (1 << random.nextInt(8)));
    } else {
      file.seek(at);
      file.write(new byte[(int) (end - at)]);
    }
  }

  private static void garbage(RandomAccessFile file, long end, Random random) throws IOException {
    var bytes = new byte[(int) Math.min(1 + random.nextInt(8_192), file.length() - end)];
    random.nextBytes(bytes);
    file.seek(end);
    file.write(bytes);
  }
}
