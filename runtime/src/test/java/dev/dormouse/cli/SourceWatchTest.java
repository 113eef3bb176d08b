package dev.dormouse.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SourceWatchTest {
  @TempDir Path root;

  private SourceWatch watch;

  @BeforeEach
  void anAppIsWatched() throws IOException {
    Files.createDirectories(root.resolve("src"));
    Files.createDirectories(root.resolve("target/deep"));
    Files.createDirectories(root.resolve(".dormouse"));
    watch = new SourceWatch(root);
  }

  @AfterEach
  void close() {
    watch.close();
  }

  @Test
  void aSavedFileIsSeen() throws Exception {
    Files.writeString(root.resolve("src/lib.rs"), "x");
    assertEquals(Set.of(Path.of("src/lib.rs")), next());
  }

  @Test
  void savesInQuickSuccessionAreOneChange() throws Exception {
    Files.writeString(root.resolve("src/a"), "x");
    Files.writeString(root.resolve("src/b"), "x");
    Files.delete(root.resolve("src/a"));
    assertEquals(Set.of(Path.of("src/a"), Path.of("src/b")), next());
  }

  @Test
  void whatBuildsAndEditorsLeaveIsNotAChange() throws Exception {
    Files.writeString(root.resolve("target/deep/out"), "x");
    Files.writeString(root.resolve(".dormouse/a.wasm"), "x");
    Files.writeString(root.resolve("Cargo.lock"), "x");
    Files.writeString(root.resolve("src/lib.rs~"), "x");
    Files.writeString(root.resolve("src/.lib.rs.swp"), "x");
    Files.writeString(root.resolve("real"), "x");
    assertEquals(Set.of(Path.of("real")), next());
  }

  @Test
  void aFolderMadeLaterIsWatchedToo() throws Exception {
    Files.createDirectories(root.resolve("src/inner"));
    assertTrue(next().contains(Path.of("src/inner")));
    Files.writeString(root.resolve("src/inner/a"), "x");
    assertTrue(next().contains(Path.of("src/inner/a")));
  }

  @Test
  void closingEndsTheWait() throws Exception {
    CompletableFuture<Set<Path>> waiting = async();
    watch.close();
    assertEquals(Set.of(), waiting.get(60, TimeUnit.SECONDS));
  }

  private Set<Path> next() throws Exception {
    return async().get(60, TimeUnit.SECONDS);
  }

  private CompletableFuture<Set<Path>> async() {
    return CompletableFuture.supplyAsync(
        () -> {
          try {
            return watch.await();
          } catch (InterruptedException stop) {
            throw new IllegalStateException(stop);
          }
        });
  }
}
