package dev.dormouse.bench.load;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** How often a disk can be forced: four kilobytes more of a file, and wait until they are there. */
final class DiskSpeed {
  private static final int BLOCK = 4096;

  private DiskSpeed() {}

  static Report force(Path folder, long nanos) throws IOException {
    var file = Files.createTempFile(folder, "force", ".tmp");
    var latencies = new Latencies();
    var block = ByteBuffer.allocateDirect(BLOCK);
    long start = System.nanoTime();
    try (var channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
      for (long begun = start; begun - start < nanos; begun = System.nanoTime()) {
        channel.write(block.clear());
        channel.force(false);
        latencies.add(System.nanoTime() - begun);
      }
    } finally {
      Files.delete(file);
    }
    return Report.of(latencies, System.nanoTime() - start, null);
  }
}
