package dev.dormouse.bench;

import org.openjdk.jmh.annotations.Fork;

/**
 * A benchmark that runs guests with the JIT's flags of a server, which the launcher gives it. JMH
 * inherits the annotation.
 */
@Fork(
    value = 1,
    jvmArgsAppend = {
      "-Xss24m",
      "-XX:-DontCompileHugeMethods",
      "-XX:MaxNodeLimit=4000000",
      "-XX:NodeLimitFudgeFactor=80000",
      "-XX:-ClipInlining",
      "-XX:MaxTrivialSize=30",
      "-XX:LiveNodeCountInliningCutoff=1000000"
    })
public abstract class AsServed {}
