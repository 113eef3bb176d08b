package dev.dormouse.guest.chicory;

import com.dylibso.chicory.runtime.Memory;
import com.dylibso.chicory.wasm.WasmModule;
import com.dylibso.chicory.wasm.types.ExternalType;
import com.dylibso.chicory.wasm.types.GlobalSection;
import dev.dormouse.guest.Metering;
import java.util.List;
import java.util.ListIterator;
import org.jspecify.annotations.Nullable;
import org.objectweb.asm.ClassReader;
import org.objectweb.asm.ClassWriter;
import org.objectweb.asm.Opcodes;
import org.objectweb.asm.Type;
import org.objectweb.asm.tree.AbstractInsnNode;
import org.objectweb.asm.tree.ClassNode;
import org.objectweb.asm.tree.FieldInsnNode;
import org.objectweb.asm.tree.FrameNode;
import org.objectweb.asm.tree.InsnList;
import org.objectweb.asm.tree.InsnNode;
import org.objectweb.asm.tree.IntInsnNode;
import org.objectweb.asm.tree.LdcInsnNode;
import org.objectweb.asm.tree.MethodInsnNode;
import org.objectweb.asm.tree.MethodNode;
import org.objectweb.asm.tree.TypeInsnNode;
import org.objectweb.asm.tree.VarInsnNode;

/**
 * Makes the compiler's classes fit this runtime. Four things change, none of them what the code
 * computes:
 *
 * <ul>
 *   <li>The look at the thread's interrupt flag in every loop and indirect call goes. A guest is
 *       stopped by its meter and never by an interrupt, and the volatile read would keep the JIT
 *       from moving anything across it.
 *   <li>Addresses are added without wrapping around at 2 GiB.
 *   <li>Memory is of the one class that there is, {@link LinearMemory}, in place of the interface.
 *   <li>Globals of numbers are read and written where that memory keeps them. On the way through
 *       Chicory's instance each access is eight dependent loads; metered code does two accesses in
 *       each loop and call.
 * </ul>
 *
 * <p>The last two need a module with a memory of its own.
 */
final class ClassTuner {
  private static final String MEMORY = Type.getInternalName(Memory.class);
  private static final String LINEAR = Type.getInternalName(LinearMemory.class);
  private static final String MEMORY_TYPE = "L" + MEMORY + ";";
  private static final String LINEAR_TYPE = "L" + LINEAR + ";";

  private final String prefix;
  private final GlobalSection globals;
  private final boolean ownMemory;
  private final int fuelGlobal;
  private final int stackGlobal;

  /**
   * @param className what the names of all generated classes start with
   * @param wasm a module that imports nothing but functions
   */
  ClassTuner(String className, WasmModule wasm) {
    prefix = className.replace('.', '/');
    globals = wasm.globalSection();
    ownMemory = wasm.memorySection().map(memories -> memories.memoryCount() > 0).orElse(false);
    fuelGlobal = ChicoryModule.index(wasm, Metering.FUEL_GLOBAL, ExternalType.GLOBAL);
    stackGlobal = ChicoryModule.index(wasm, Metering.STACK_GLOBAL, ExternalType.GLOBAL);
  }

  byte[] tune(byte[] classFile) {
    var type = new ClassNode();
    new ClassReader(classFile).accept(type, 0);
    for (var method : type.methods) {
      switch (method.name) {
        case "checkInterruption" -> replaceBody(method, new InsnNode(Opcodes.RETURN));
        case "getAddr" -> {
          var address = new MethodInsnNode(Opcodes.INVOKESTATIC, LINEAR, "address", method.desc);
          replaceBody(
              method,
              new VarInsnNode(Opcodes.ILOAD, 0),
              new VarInsnNode(Opcodes.ILOAD, 1),
              address,
              new InsnNode(Opcodes.IRETURN));
        }
        default -> {
          if (ownMemory) {
            tune(method);
          }
        }
      }
    }
    var writer = new ClassWriter(0);
    type.accept(writer);
    return writer.toByteArray();
  }

  private static void replaceBody(MethodNode method, AbstractInsnNode... body) {
    method.instructions.clear();
    method.tryCatchBlocks.clear();
    for (var instruction : body) {
      method.instructions.add(instruction);
    }
  }

  private void tune(MethodNode method) {
    method.desc = linear(method.desc);
    var code = method.instructions;
    for (var at = code.getFirst(); at != null; at = at.getNext()) {
      switch (at) {
        case FrameNode frame -> {
          linear(frame.local);
          linear(frame.stack);
        }
        case MethodInsnNode call -> at = tune(code, call);
        default -> {}
      }
    }
  }

  /** Answers the last instruction of what the call became. */
  private AbstractInsnNode tune(InsnList code, MethodInsnNode call) {
    if (call.owner.equals(MEMORY)) {
      call.owner = LINEAR;
      call.itf = false;
      call.setOpcode(Opcodes.INVOKEVIRTUAL);
      return call;
    }
    if (!call.owner.startsWith(prefix)) {
      if (call.desc.endsWith(MEMORY_TYPE)) {
        var cast = new TypeInsnNode(Opcodes.CHECKCAST, LINEAR);
        code.insert(call, cast);
        return cast;
      }
      return call;
    }
    return switch (call.name) {
      case "readGlobal" -> readGlobal(code, call);
      case "writeGlobal" -> writeGlobal(code, call);
      default -> {
        call.desc = linear(call.desc);
        yield call;
      }
    };
  }

  /** {@code index, instance, readGlobal}: the memory's slot is the one before the instance's. */
  private AbstractInsnNode readGlobal(InsnList code, MethodInsnNode call) {
    var instance = (VarInsnNode) call.getPrevious();
    int global = constant(instance.getPrevious());
    if (globals.getGlobal(global).valueType().isReference()) {
      return call;
    }
    var field = meterField(global);
    instance.var--;
    if (field == null) {
      return replace(code, call, "global", "(I" + LINEAR_TYPE + ")J");
    }
    var narrow = call.getNext();
    code.remove(instance.getPrevious());
    code.remove(narrow);
    var get = new FieldInsnNode(Opcodes.GETFIELD, LINEAR, field, "I");
    code.set(call, get);
    return get;
  }

  /** {@code value, index, instance, writeGlobal}. */
  private AbstractInsnNode writeGlobal(InsnList code, MethodInsnNode call) {
    var instance = (VarInsnNode) call.getPrevious();
    int global = constant(instance.getPrevious());
    if (globals.getGlobal(global).valueType().isReference()) {
      return call;
    }
    var field = meterField(global);
    instance.var--;
    if (field == null) {
      return replace(code, call, "global", "(JI" + LINEAR_TYPE + ")V");
    }
    var index = instance.getPrevious();
    code.remove(index.getPrevious());
    code.remove(index);
    code.insertBefore(call, new InsnNode(Opcodes.SWAP));
    var put = new FieldInsnNode(Opcodes.PUTFIELD, LINEAR, field, "I");
    code.set(call, put);
    return put;
  }

  private static AbstractInsnNode replace(
      InsnList code, MethodInsnNode call, String name, String type) {
    var replacement = new MethodInsnNode(Opcodes.INVOKESTATIC, LINEAR, name, type);
    code.set(call, replacement);
    return replacement;
  }

  private @Nullable String meterField(int global) {
    if (global == fuelGlobal) {
      return "fuel";
    }
    return global == stackGlobal ? "stack" : null;
  }

  private static int constant(AbstractInsnNode instruction) {
    int opcode = instruction.getOpcode();
    if (opcode >= Opcodes.ICONST_0 && opcode <= Opcodes.ICONST_5) {
      return opcode - Opcodes.ICONST_0;
    }
    return switch (instruction) {
      case IntInsnNode push -> push.operand;
      case LdcInsnNode load when load.cst instanceof Integer value -> value;
      default ->
          throw new IllegalStateException("the compiler's access to globals has another shape");
    };
  }

  private static String linear(String descriptor) {
    return descriptor.replace(MEMORY_TYPE, LINEAR_TYPE);
  }

  private static void linear(@Nullable List<Object> frame) {
    if (frame != null) {
      for (ListIterator<Object> at = frame.listIterator(); at.hasNext(); ) {
        if (MEMORY.equals(at.next())) {
          at.set(LINEAR);
        }
      }
    }
  }
}
