package dev.dormouse.egress;

import java.io.IOException;
import java.nio.channels.SocketChannel;
import org.jspecify.annotations.Nullable;

/**
 * Lets another thread end an exchange: whatever socket it has now, or would get later, is closed.
 */
final class Lifeline {
  private @Nullable SocketChannel socket;
  private boolean cut;

  synchronized void hold(SocketChannel current) throws IOException {
    socket = current;
    if (cut) {
      current.close();
      throw new IOException("given up");
    }
  }

  /** Nothing ends the socket from here on; answers false where it was ended before. */
  synchronized boolean letGo() {
    socket = null;
    return !cut;
  }

  synchronized void cut() {
    cut = true;
    if (socket != null) {
      try {
        socket.close();
      } catch (IOException e) {
        // It is gone all the same.
      }
    }
  }
}
