package dev.dormouse.guest.chicory;

import com.dylibso.chicory.runtime.Instance;
import com.dylibso.chicory.runtime.InterpreterMachine;
import com.dylibso.chicory.runtime.Machine;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.util.List;
import java.util.Set;
import java.util.function.Function;

/**
 * Code that can run, shared by all modules with the same code hash. When no module or instance
 * holds it any more, the JVM unloads its classes.
 */
final class CompiledCode {
  private static final String FUNCTION_PREFIX = "func_";

  private final Function<Instance, Machine> machines;
  private final List<Integer> interpreted;

  private CompiledCode(Function<Instance, Machine> machines, Set<Integer> interpreted) {
    this.machines = machines;
    this.interpreted = interpreted.stream().sorted().toList();
  }

  /** Code that the interpreter runs, all of it. */
  static CompiledCode interpreter() {
    return new CompiledCode(InterpreterMachine::new, Set.of());
  }

  /**
   * Defines the classes in a loader of their own.
   *
   * @throws LinkageError when the JVM does not accept them
   */
  static CompiledCode define(CodeFile file) {
    var loader = new Loader(file);
    try {
      var main = Class.forName(file.mainClass(), true, loader);
      var constructor =
          MethodHandles.publicLookup()
              .findConstructor(main, MethodType.methodType(void.class, Instance.class))
              .asType(MethodType.methodType(Machine.class, Instance.class));
      return new CompiledCode(
          instance -> {
            try {
              return (Machine) constructor.invokeExact(instance);
            } catch (RuntimeException | Error e) {
              throw e;
            } catch (Throwable e) {
              throw new IllegalStateException(e);
            }
          },
          file.interpreted());
    } catch (ReflectiveOperationException e) {
      throw new LinkageError("compiled code has another shape than expected", e);
    }
  }

  Machine machine(Instance instance) {
    return machines.apply(instance);
  }

  /** The functions that are too large for the JVM, so that the interpreter runs them. */
  List<Integer> interpreted() {
    return interpreted;
  }

  static boolean isGuest(StackTraceElement frame) {
    return frame.getClassName().startsWith(ModuleCompiler.CLASS_PREFIX)
        && frame.getMethodName().startsWith(FUNCTION_PREFIX);
  }

  static int function(StackTraceElement frame) {
    return Integer.parseInt(frame.getMethodName().substring(FUNCTION_PREFIX.length()));
  }

  /** One loader for each code, so that the JVM can unload it alone. */
  private static final class Loader extends ClassLoader {
    private final String mainClass;

    Loader(CodeFile file) {
      super("guest", CompiledCode.class.getClassLoader());
      this.mainClass = file.mainClass();
      file.classes().forEach((name, bytes) -> defineClass(name, bytes, 0, bytes.length));
    }

    @Override
    public String toString() {
      return "guest code " + mainClass;
    }
  }
}
