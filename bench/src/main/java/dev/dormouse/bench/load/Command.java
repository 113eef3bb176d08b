package dev.dormouse.bench.load;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/** One line of input: what to do, and {@code name=value} for how. */
record Command(String name, Map<String, String> options) {

  static Command parse(String line) {
    var words = line.strip().split(" +");
    var options = new HashMap<String, String>();
    for (int i = 1; i < words.length; i++) {
      int equals = words[i].indexOf('=');
      if (equals < 0) {
        throw new IllegalArgumentException("`" + words[i] + "` is no name=value");
      }
      options.put(words[i].substring(0, equals), words[i].substring(equals + 1));
    }
    return new Command(words[0], options);
  }

  String text(String option) {
    var value = options.get(option);
    if (value == null) {
      throw new IllegalArgumentException(name + " needs " + option + "=…");
    }
    return value;
  }

  int count(String option, int otherwise) {
    return (int) number(option, otherwise);
  }

  double number(String option, double otherwise) {
    var value = options.get(option);
    return value == null ? otherwise : Double.parseDouble(value);
  }

  long nanos(String option, double otherwiseSeconds) {
    return (long) (number(option, otherwiseSeconds) * 1e9);
  }

  boolean is(String option) {
    return options.getOrDefault(option, "false").equals("true");
  }

  Path path(String option) {
    return Path.of(text(option));
  }

  /** Where the URL points; its host must be an address. */
  InetSocketAddress address() {
    var uri = URI.create(text("url").replace("{i}", "0"));
    return new InetSocketAddress(uri.getHost(), uri.getPort());
  }

  /** A request to each of the actors: the URL with {@code {i}} replaced by its number. */
  ByteBuffer[] requests(String headers, byte[] body) {
    var requests = new ByteBuffer[count("actors", 1)];
    var uri = URI.create(text("url").replace("{i}", "@"));
    var path = uri.getRawPath() + (uri.getRawQuery() == null ? "" : "?" + uri.getRawQuery());
    var method = body.length > 0 ? "POST" : "GET";
    for (int i = 0; i < requests.length; i++) {
      var head =
          (method + " " + path.replace("@", Integer.toString(i)) + " HTTP/1.1\r\n")
              + ("Host: localhost\r\n" + headers)
              + (body.length > 0 ? "Content-Length: " + body.length + "\r\n" : "")
              + "\r\n";
      requests[i] =
          ByteBuffer.allocate(head.length() + body.length).put(head.getBytes(US_ASCII)).put(body);
      requests[i].flip();
    }
    return requests;
  }
}
