package dev.dormouse.storage.h2;

import static dev.dormouse.storage.h2.StoreFixture.actor;
import static dev.dormouse.storage.h2.StoreFixture.key;
import static dev.dormouse.storage.h2.StoreFixture.put;
import static dev.dormouse.storage.h2.StoreFixture.text;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.dormouse.fault.Code;
import dev.dormouse.fault.Fault;
import dev.dormouse.fault.ResourceFault;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A disk that is really full: a small file system in memory, which only root may mount. */
@Tag("slow")
class DiskFullTest {
  @TempDir Path root;
  private boolean mounted;

  private static int run(String... command) throws Exception {
    var process = new ProcessBuilder(command).redirectErrorStream(true).start();
    process.getInputStream().readAllBytes();
    return process.waitFor(30, TimeUnit.SECONDS) ? process.exitValue() : -1;
  }

  @BeforeEach
  void mount() throws Exception {
    try {
      mounted = run("mount", "-t", "tmpfs", "-o", "size=8m", "none", root.toString()) == 0;
    } catch (IOException e) {
      mounted = false;
    }
    assumeTrue(mounted, "only root can mount a small file system; the disk-full test is left out");
  }

  @AfterEach
  void unmount() throws Exception {
    if (mounted) {
      assertEquals(0, run("umount", "-l", root.toString()));
    }
  }

  private void fillUp(Path ballast) {
    try (var out = Files.newOutputStream(ballast)) {
      while (true) {
        out.write(new byte[4096]);
      }
    } catch (IOException full) {
      assertTrue(String.valueOf(full.getMessage()).contains("No space"), full.toString());
    }
  }

  @Test
  void aFullDiskAnswersStorageFullLosesNothingAndRecoversByItself() throws Exception {
    var acknowledged = new HashMap<String, String>();
    var ballast = root.resolve("ballast");
    try (var disk = new StoreFixture(root)) {
      var store = disk.open();
      for (int i = 0; i < 10; i++) {
        try (var state = store.open(actor("a" + i))) {
          state.commit(put("k", "before")).join();
          acknowledged.put("a" + i, "before");
        }
      }
      store.checkpoint();
      fillUp(ballast);
      int full = 0;
      for (int i = 0; i < 400; i++) {
        var name = "a" + i % 10;
        try (var state = store.open(actor(name))) {
          assertEquals(acknowledged.get(name), text(state.get(key("k"))));
          try {
            state.commit(put("k", "full" + i)).join();
            acknowledged.put(name, "full" + i);
          } catch (CompletionException e) {
            assertTrue(e.getCause() instanceof Fault, e.toString());
            full +=
                e.getCause() instanceof ResourceFault f && f.code() == Code.STORAGE_FULL ? 1 : 0;
          }
        }
      }
      assertTrue(full > 0, "the journal must run out of room");
      store.checkpoint();
      Files.delete(ballast);
      await()
          .atMost(Duration.ofSeconds(60))
          .until(
              () -> {
                try (var state = store.open(actor("a0"))) {
                  state.commit(put("k", "after")).join();
                  return true;
                } catch (CompletionException e) {
                  return false;
                }
              });
      acknowledged.put("a0", "after");
      store.checkpoint();
      check(store, acknowledged);
      disk.crash();
      check(disk.open(), acknowledged);
    }
  }

  private static void check(H2Store store, Map<String, String> acknowledged) {
    acknowledged.forEach(
        (name, value) -> {
          try (var state = store.open(actor(name))) {
            assertEquals(value, text(state.get(key("k"))), name);
          }
        });
  }
}
