package dev.dormouse.storage.h2;

import static dev.dormouse.storage.h2.StoreFixture.actor;
import static dev.dormouse.storage.h2.StoreFixture.bytes;
import static dev.dormouse.storage.h2.StoreFixture.key;
import static dev.dormouse.storage.h2.StoreFixture.put;
import static dev.dormouse.storage.h2.StoreFixture.text;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dormouse.storage.StorageKey;
import dev.dormouse.storage.WriteSet;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ActorFileTest {
  @TempDir Path root;

  private static Overlay overlay(WriteSet writes, long lsn) {
    var overlay = new Overlay();
    overlay.take(writes, lsn);
    return overlay;
  }

  @Tag("slow")
  @Test
  void thousandsOfAppliedCommitsOfOneKeyStayUnderOneMebibyte() throws Exception {
    var files = new FileCache(root, 4);
    var id = actor("a");
    long flushed = 0;
    for (int i = 1; i <= 4_000; i++) {
      flushed = files.apply(id, id.hex(), overlay(put("count", "" + i), i), flushed).fileBytes();
      assertTrue(flushed < 1 << 20, flushed + " bytes after " + i);
    }
    assertTrue(files.rewrites() > 20, "rewritten " + files.rewrites());
    assertEquals("4000", text(files.read(id, id.hex(), f -> f.get(key("count")))));
    files.close();
  }

  @Test
  void aLargeFileIsRewrittenWithAllThatItHolds() throws Exception {
    var files = new FileCache(root, 4);
    var id = actor("a");
    var model = new TreeMap<StorageKey, byte[]>();
    var random = new Random(5);
    long flushed = 0;
    for (int i = 1; i <= 150; i++) {
      var entries = new TreeMap<StorageKey, byte[]>();
      for (int j = 0; j < 60; j++) {
        entries.put(key("key" + random.nextInt(1500)), bytes("v" + i + "x".repeat(120)));
      }
      model.putAll(entries);
      var overlay = overlay(new WriteSet(false, entries, null), i);
      var after = files.apply(id, id.hex(), overlay, flushed);
      flushed = after.fileBytes();
      assertEquals(flushed, Files.size(files.path(id.hex())));
      assertEquals(
          model.entrySet().stream().mapToLong(e -> e.getKey().length() + e.getValue().length).sum(),
          after.storedBytes());
    }
    assertTrue(files.rewrites() > 1);
    for (var e : model.entrySet()) {
      assertEquals(text(e.getValue()), text(files.read(id, id.hex(), f -> f.get(e.getKey()))));
    }
    files.close();
  }

  @Test
  void whatAnApplyThatWasCutShortLeftIsCutOff() throws Exception {
    var files = new FileCache(root, 4);
    var id = actor("a");
    long flushed = files.apply(id, id.hex(), overlay(put("k", "1"), 1), 0).fileBytes();
    files.apply(id, id.hex(), overlay(put("k", "2"), 2), flushed);
    files.close();
    // Pages of the second commit did not come to disk, though its last block did.
    var file = files.path(id.hex());
    var bytes = Files.readAllBytes(file);
    for (int i = (int) flushed + 200; i < bytes.length - 200; i++) {
      bytes[i] = 0;
    }
    Files.write(file, bytes);
    files.apply(id, id.hex(), overlay(put("k", "3"), 3), flushed);
    assertEquals("3", text(files.read(id, id.hex(), f -> f.get(key("k")))));
    files.close();
  }
}
