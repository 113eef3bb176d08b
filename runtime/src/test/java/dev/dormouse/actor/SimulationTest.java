package dev.dormouse.actor;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

/** Lives a random life many times. A failure names its seed, which repeats it exactly. */
class SimulationTest {
  private static final String SEED = "dormouse.seed";

  /** A life has many commits that fail, and the server warns of each. */
  private static final Logger WARNINGS = (Logger) LoggerFactory.getLogger(ActorLoop.class);

  @TempDir Path data;

  @BeforeAll
  static void quiet() {
    WARNINGS.setLevel(Level.ERROR);
  }

  @AfterAll
  static void aloud() {
    WARNINGS.setLevel(null);
  }

  @Test
  void whateverHappensWhatWasSaidIsDurableAndInOrder() {
    live(Long.getLong(SEED, 1), 100, false);
  }

  @Test
  @Tag("slow")
  void andSoItIsInManyMoreLives() {
    live(1_000, 2_000, false);
  }

  @Test
  void andSoItIsWhenActorsRest() {
    live(Long.getLong(SEED, 1), 50, true);
  }

  /**
   * @param rest whether actors that are idle are made compact; then each life has a module of its
   *     own, so that it is the same whatever was before
   */
  private void live(long firstSeed, int lives, boolean rest) {
    try (var guests =
        new Guests(data, rest ? "{\"idleCompact\": \"1s\"}" : "{\"idleCompact\": \"10s\"}")) {
      for (long seed = firstSeed; seed < firstSeed + lives; seed++) {
        try {
          if (rest) {
            guests.startAnew();
          }
          new Simulation(guests, seed).run();
        } catch (RuntimeException | AssertionError e) {
          var repeat = "seed " + seed + " fails; start with -D" + SEED + "=" + seed;
          throw new AssertionError(repeat + " to repeat it", e);
        }
      }
    }
  }
}
