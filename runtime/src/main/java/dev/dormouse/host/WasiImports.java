package dev.dormouse.host;

import dev.dormouse.abi.FlatSignature;
import dev.dormouse.fault.GuestFault;
import dev.dormouse.fault.GuestFault.Trap;
import dev.dormouse.guest.HostFunction;
import dev.dormouse.guest.Lift;
import dev.dormouse.observe.LogLevel;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * The few functions of WASI preview 1 (snapshot 1) that compilers leave in a module although it has
 * no use for an operating system. Standard output and error go to the actor's log; the clock is the
 * turn's; leaving the process ends the turn.
 */
final class WasiImports {
  private static final String MODULE = "wasi_snapshot_preview1";

  private static final int SUCCESS = 0;
  private static final int BADF = 8;
  private static final int INVAL = 28;

  /** Vectors of one fd_write. */
  private static final int MAX_VECTORS = 1_024;

  private WasiImports() {}

  static List<HostFunction> all() {
    var functions = new ArrayList<HostFunction>();
    add(functions, "clock_time_get", "iIi_i", WasiImports::clockTime);
    add(functions, "clock_res_get", "ii_i", WasiImports::clockResolution);
    add(functions, "random_get", "ii_i", WasiImports::random);
    add(functions, "fd_write", "iiii_i", WasiImports::write);
    add(functions, "environ_sizes_get", "ii_i", WasiImports::environSizes);
    add(functions, "environ_get", "ii_i", WasiImports::environ);
    add(functions, "proc_exit", "i_", WasiImports::exit);
    return functions;
  }

  private static void add(
      List<HostFunction> functions, String name, String signature, HostImports.Body body) {
    functions.add(
        new HostFunction(
            MODULE,
            name,
            FlatSignature.of(signature),
            (caller, arguments) -> body.run(new Call(MODULE + "." + name, caller, arguments, 0))));
  }

  private static long clockTime(Call call) {
    int clock = call.i32();
    call.i64();
    if (clock < 0 || clock > 3) {
      return INVAL;
    }
    call.guest().memory().writeLong(call.i32(), call.turn().nowMillis() * 1_000_000);
    return SUCCESS;
  }

  private static long clockResolution(Call call) {
    int clock = call.i32();
    if (clock < 0 || clock > 3) {
      return INVAL;
    }
    call.guest().memory().writeLong(call.i32(), 1_000_000);
    return SUCCESS;
  }

  private static long random(Call call) {
    int address = call.i32();
    int length = call.i32();
    if (length < 0 || length > call.guest().memory().size()) {
      return INVAL;
    }
    call.charge(length * 4L);
    call.guest().memory().write(address, call.turn().random(length));
    return SUCCESS;
  }

  private static long write(Call call) {
    int descriptor = call.i32();
    int vectors = call.i32();
    int count = call.i32();
    int written = call.i32();
    if (descriptor != 1 && descriptor != 2) {
      return BADF;
    }
    if (count < 0 || count > MAX_VECTORS) {
      return INVAL;
    }
    var memory = call.guest().memory();
    var text = new ByteArrayOutputStream();
    for (int i = 0; i < count; i++) {
      int address = memory.readInt(vectors + 8 * i);
      int length = memory.readInt(vectors + 8 * i + 4);
      call.charge(HostCost.perByte(Integer.toUnsignedLong(length)));
      text.writeBytes(Lift.bytes(memory, address, length, "fd_write: vector"));
    }
    var lines = text.toString(StandardCharsets.UTF_8).stripTrailing();
    if (!lines.isEmpty()) {
      call.charge(HostCost.LOG);
      call.turn().log(descriptor == 1 ? LogLevel.INFO : LogLevel.ERROR, lines);
    }
    memory.writeInt(written, text.size());
    return SUCCESS;
  }

  private static long environSizes(Call call) {
    var variables = variables(call);
    call.guest().memory().writeInt(call.i32(), variables.size());
    call.guest().memory().writeInt(call.i32(), variables.stream().mapToInt(v -> v.length).sum());
    return SUCCESS;
  }

  private static long environ(Call call) {
    int pointers = call.i32();
    int buffer = call.i32();
    for (var variable : variables(call)) {
      call.guest().memory().writeInt(pointers, buffer);
      call.guest().memory().write(buffer, variable);
      pointers += 4;
      buffer += variable.length;
    }
    return SUCCESS;
  }

  private static List<byte[]> variables(Call call) {
    return call.turn().env().entrySet().stream()
        .map(e -> (e.getKey() + "=" + e.getValue() + "\0").getBytes(StandardCharsets.UTF_8))
        .toList();
  }

  private static long exit(Call call) {
    throw new GuestFault(Trap.ABORTED, "the guest left with exit code " + call.i32());
  }
}
