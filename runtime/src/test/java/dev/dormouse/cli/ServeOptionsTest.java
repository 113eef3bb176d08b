package dev.dormouse.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

class ServeOptionsTest {
  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "--port 0",
        "--port=65535 --host=::1",
        "--host 0.0.0.0 --port 080 --admin-host localhost --admin-port 1 --data a=b --config=c.json",
        "--data=x=y",
      })
  void whatIsReadWithoutTheParserIsReadAsTheParserDoes(String line) {
    String[] options = line.isEmpty() ? new String[0] : line.split(" ");
    var command = new ServeCommand();
    new CommandLine(command).parseArgs(options);
    assertEquals(command.options(), ServeOptions.plain(serve(options)));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "--help",
        "-h",
        "--port",
        "--port=",
        "--port 65536",
        "--port -1",
        "--port x",
        "--port 1 --port 2",
        "--prot 1",
        "--data @file",
        "--data --port",
        "@file",
        "folder",
      })
  void whatIsAMistakeOrAsksForMoreIsLeftToTheParser(String line) {
    assertNull(ServeOptions.plain(serve(line.split(" "))));
  }

  @ParameterizedTest
  @ValueSource(strings = {"dev", "serves", "--help"})
  void otherCommandsAreLeftToTheParser(String command) {
    assertNull(ServeOptions.plain(command));
    assertNull(ServeOptions.plain());
    assertNotNull(ServeOptions.plain("serve"));
  }

  private static String[] serve(String... options) {
    String[] all = new String[options.length + 1];
    all[0] = "serve";
    System.arraycopy(options, 0, all, 1, options.length);
    return all;
  }
}
