package dev.dormouse.guest.chicory;

import com.dylibso.chicory.compiler.InterpreterFallback;
import com.dylibso.chicory.compiler.internal.ByteClassCollector;
import com.dylibso.chicory.compiler.internal.Compiler;
import com.dylibso.chicory.compiler.internal.CompilerResult;
import com.dylibso.chicory.wasm.ChicoryException;
import com.dylibso.chicory.wasm.WasmModule;
import com.dylibso.chicory.wasm.types.ExternalType;
import dev.dormouse.fault.Code;
import dev.dormouse.fault.UserFault;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.objectweb.asm.MethodTooLargeException;

/** Turns a module into class files. */
final class ModuleCompiler {
  /** What the names of guest classes start with. */
  static final String CLASS_PREFIX = "dev.dormouse.guest.code.Module";

  /** Functions that may turn out too large one by one before all others of their size do. */
  private static final int TOO_LARGE_ONE_BY_ONE = 4;

  /** Functions that may be too large in one module. */
  private static final int MOST_INTERPRETED = 256;

  private ModuleCompiler() {}

  /**
   * @throws UserFault {@code module_invalid}, when too many of its functions are too large
   */
  static CodeFile compile(WasmModule wasm, String codeHash) {
    var name = CLASS_PREFIX + codeHash.substring(0, Math.min(16, codeHash.length()));
    Set<Integer> tooLarge = new TreeSet<>();
    for (int attempt = 1; ; attempt++) {
      try {
        return finish(wasm, name, attempt(wasm, name, tooLarge), tooLarge);
      } catch (ChicoryException e) {
        if (!(e.getCause() instanceof MethodTooLargeException found)
            || !found.getMethodName().startsWith("func_")) {
          throw e;
        }
        int function = Integer.parseInt(found.getMethodName().substring("func_".length()));
        tooLarge.add(function);
        if (attempt >= TOO_LARGE_ONE_BY_ONE) {
          addLargerThanSmallest(wasm, tooLarge);
        }
        if (tooLarge.size() > MOST_INTERPRETED) {
          throw new UserFault(
              Code.MODULE_INVALID,
              "more than "
                  + MOST_INTERPRETED
                  + " functions of the module are too large to compile: split them up");
        }
      }
    }
  }

  private static CompilerResult attempt(WasmModule wasm, String name, Set<Integer> tooLarge) {
    return Compiler.builder(wasm)
        .withClassName(name)
        .withClassCollectorFactory(ByteClassCollector::new)
        .withInterpreterFallback(InterpreterFallback.FAIL)
        .withInterpretedFunctions(tooLarge)
        .build()
        .compile();
  }

  /**
   * Each function found too large means compiling all over again, so after a few every function
   * that is no smaller than they are is taken for too large.
   */
  private static void addLargerThanSmallest(WasmModule wasm, Set<Integer> tooLarge) {
    int imported = wasm.importSection().count(ExternalType.FUNCTION);
    var bodies = wasm.codeSection().functionBodies();
    int smallest = Integer.MAX_VALUE;
    for (int function : tooLarge) {
      smallest = Math.min(smallest, bodies[function - imported].instructions().size());
    }
    for (int i = 0; i < bodies.length; i++) {
      if (bodies[i].instructions().size() >= smallest) {
        tooLarge.add(i + imported);
      }
    }
  }

  private static CodeFile finish(
      WasmModule wasm, String name, CompilerResult result, Set<Integer> interpreted) {
    var tuner = new ClassTuner(name, wasm);
    Map<String, byte[]> classes = new LinkedHashMap<>();
    for (var entry : result.classBytes().entrySet()) {
      classes.put(entry.getKey().replace('/', '.'), tuner.tune(entry.getValue()));
    }
    return new CodeFile(name, interpreted, classes);
  }
}
