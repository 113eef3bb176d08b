package dev.dormouse.bench.load;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Reads one command a line and answers each with one line of JSON, so that one warm process does a
 * whole comparison. URLs may have {@code {i}} in their path, for the number of an actor.
 *
 * <ul>
 *   <li>{@code http url actors connections seconds warm rate bytes}: a closed loop, or an open one
 *       with a rate in requests a second; with bytes, requests have a body of so many
 *   <li>{@code once url actors connections bodies}: one request to each actor
 *   <li>{@code echo url actors connections seconds warm bytes}
 *   <li>{@code fanout url connections seconds warm bytes window}
 *   <li>{@code hold url actors connections}, {@code release}: WebSockets that do nothing
 *   <li>{@code force folder seconds}: the speed of a disk
 * </ul>
 */
public final class Generator {
  private static final int MESSAGE_BYTES = 32;

  private @Nullable SocketLoad held;

  private Generator() {}

  public static void main(String[] args) throws IOException {
    var generator = new Generator();
    var mapper = new ObjectMapper();
    var input = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    for (var line = input.readLine(); line != null; line = input.readLine()) {
      Object answer;
      try {
        answer = generator.answer(Command.parse(line));
      } catch (IOException | IllegalArgumentException e) {
        answer = Map.of("error", line + ": " + e.getMessage());
      }
      System.out.println(mapper.writeValueAsString(answer));
    }
  }

  private Object answer(Command command) throws IOException {
    long warm = command.nanos("warm", 1);
    long time = command.nanos("seconds", 5);
    int bytes = command.count("bytes", MESSAGE_BYTES);
    return switch (command.name()) {
      case "http" -> {
        try (var load = new HttpLoad(command, false)) {
          double rate = command.number("rate", 0);
          yield rate > 0 ? load.open(rate, warm, time) : load.closed(warm, time);
        }
      }
      case "once" -> {
        try (var load = new HttpLoad(command, command.is("bodies"))) {
          yield load.once();
        }
      }
      case "echo" -> {
        try (var load = new SocketLoad(command)) {
          yield load.echo(bytes, warm, time);
        }
      }
      case "fanout" -> {
        try (var load = new SocketLoad(command)) {
          yield load.fanout(bytes, command.count("window", 2), warm, time);
        }
      }
      case "hold" -> {
        release();
        held = new SocketLoad(command);
        yield Map.of("held", command.count("connections", 16));
      }
      case "release" -> {
        release();
        yield Map.of("held", 0);
      }
      case "force" -> DiskSpeed.force(command.path("folder"), time);
      default ->
          throw new IllegalArgumentException(
              "there are http, once, echo, fanout, hold, release and force");
    };
  }

  private void release() throws IOException {
    if (held != null) {
      held.close();
      held = null;
    }
  }
}
