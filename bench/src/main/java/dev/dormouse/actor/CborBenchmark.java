package dev.dormouse.actor;

import java.util.List;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * What it costs to write an answer as CBOR, as guests get those of others. It lives in this package
 * because nobody else writes them.
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(value = 1, jvmArgsAppend = "-Xss24m")
@State(Scope.Benchmark)
public class CborBenchmark {
  private static final List<Header> HEADERS =
      List.of(
          new Header("content-type", "application/json"),
          new Header("cache-control", "no-store"),
          new Header("etag", "\"33a64df551425fcc55e4d42a148795d9f25f89d4\""),
          new Header("x-request-id", "b3ba32da769128316b16e9f4a9275204"));

  @Param({"100", "10000"})
  public int bytes;

  @Benchmark
  public byte[] reply() {
    return OutcomeCbor.reply(200, HEADERS, new byte[bytes], null);
  }
}
