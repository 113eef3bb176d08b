package dev.dormouse.bench;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.util.ArrayList;

/**
 * A process that opens a WebSocket to each of many actors and holds them until its input ends, so
 * that clients take nothing of the server's heap. Arguments: port, namespace, how many.
 */
public final class SocketHolder {
  private SocketHolder() {}

  public static void main(String[] args) throws IOException {
    var open = new ArrayList<Socket>();
    for (int i = 0; i < Integer.parseInt(args[2]); i++) {
      open.add(open(Integer.parseInt(args[0]), "/" + args[1] + "/actor" + i + "/"));
    }
    System.out.println("ready");
    while (System.in.read() >= 0) {}
    for (var socket : open) {
      socket.close();
    }
  }

  private static Socket open(int port, String path) throws IOException {
    var socket = new Socket(InetAddress.getLoopbackAddress(), port);
    var request =
        ("GET " + path + " HTTP/1.1\r\n")
            + "Host: localhost\r\n"
            + "Connection: Upgrade\r\n"
            + "Upgrade: websocket\r\n"
            + "Sec-WebSocket-Version: 13\r\n"
            + "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n";
    socket.getOutputStream().write(request.getBytes(US_ASCII));
    var answer = new String(socket.getInputStream().readNBytes(12), US_ASCII);
    if (!answer.endsWith("101")) {
      throw new IOException(path + " was not opened: " + answer);
    }
    return socket;
  }
}
