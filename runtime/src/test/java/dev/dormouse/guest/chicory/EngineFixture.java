package dev.dormouse.guest.chicory;

import dev.dormouse.guest.FuelMeter;
import dev.dormouse.guest.GuestInstance;
import dev.dormouse.guest.GuestModule;
import dev.dormouse.guest.MemoryGrant;
import dev.dormouse.guest.TurnPacer;
import dev.dormouse.time.SystemTime;
import java.time.Duration;

/** What tests of the engine need around it. */
final class EngineFixture {
  static final SystemTime TIME = new SystemTime();
  static final long FUEL = 1_000_000_000L;
  static final int STACK = 512 * 1024;

  private EngineFixture() {}

  /** A grant that counts. */
  static final class Grant implements MemoryGrant {
    final long limit;
    long nodeHas;
    long reserved;

    Grant(long limit, long nodeHas) {
      this.limit = limit;
      this.nodeHas = nodeHas;
    }

    static Grant ample() {
      return new Grant(128L << 20, 1L << 30);
    }

    @Override
    public long limitBytes() {
      return limit;
    }

    @Override
    public boolean reserve(long bytes) {
      if (bytes > nodeHas) {
        return false;
      }
      nodeHas -= bytes;
      reserved += bytes;
      return true;
    }

    @Override
    public void release(long bytes) {
      nodeHas += bytes;
      reserved -= bytes;
    }
  }

  static FuelMeter meter() {
    var meter = new FuelMeter(new TurnPacer(1), TIME);
    meter.begin(FUEL, STACK, TIME.nanos() + Duration.ofSeconds(30).toNanos());
    return meter;
  }

  static GuestInstance instance(GuestModule module) {
    return module.instantiate(Grant.ample(), meter(), "attachment");
  }
}
