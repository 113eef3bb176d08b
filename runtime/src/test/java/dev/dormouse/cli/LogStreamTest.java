package dev.dormouse.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.junit.jupiter.api.Test;

class LogStreamTest {
  @Test
  void theFramesOfAStackStandInLinesOfTheirOwn() {
    assertEquals(
        List.of(
            "then ERROR room  Uncaught Error: no",
            "    at fetch (src/a.ts:3:9)",
            "  [cause]: Error: deep"),
        lines("Uncaught Error: no\\\\n    at fetch (src/a.ts:3:9)\\\\n  [cause]: Error: deep"));
  }

  @Test
  void whatIsNotIndentedCannotPassForAnotherEntry() {
    assertEquals(
        List.of("then ERROR room  a\\n12:00:00.000 INFO b"), lines("a\\\\n12:00:00.000 INFO b"));
  }

  private static List<String> lines(String message) {
    return LogStream.readable(
            "{\"time\": \"then\", \"level\": \"error\", \"actor\": \"room\", \"message\": \"%s\"}"
                .formatted(message))
        .lines()
        .toList();
  }
}
