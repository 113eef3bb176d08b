package dev.dormouse.egress;

import java.io.IOException;
import java.net.Socket;
import org.jspecify.annotations.Nullable;

/**
 * Lets another thread end an exchange: whatever socket it has now, or would get later, is closed.
 */
final class Lifeline {
  private @Nullable Socket socket;
  private boolean cut;

  synchronized void hold(Socket current) throws IOException {
    socket = current;
    if (cut) {
      current.close();
      throw new IOException("given up");
    }
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
