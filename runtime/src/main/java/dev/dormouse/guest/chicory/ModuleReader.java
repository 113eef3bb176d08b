package dev.dormouse.guest.chicory;

import com.dylibso.chicory.wasm.ChicoryException;
import com.dylibso.chicory.wasm.Parser;
import com.dylibso.chicory.wasm.WasmModule;
import com.dylibso.chicory.wasm.types.CodeSection;
import com.dylibso.chicory.wasm.types.DataCountSection;
import com.dylibso.chicory.wasm.types.DataSection;
import com.dylibso.chicory.wasm.types.ElementSection;
import com.dylibso.chicory.wasm.types.ExportSection;
import com.dylibso.chicory.wasm.types.FunctionBody;
import com.dylibso.chicory.wasm.types.FunctionSection;
import com.dylibso.chicory.wasm.types.GlobalSection;
import com.dylibso.chicory.wasm.types.ImportSection;
import com.dylibso.chicory.wasm.types.MemorySection;
import com.dylibso.chicory.wasm.types.NameCustomSection;
import com.dylibso.chicory.wasm.types.Section;
import com.dylibso.chicory.wasm.types.SectionId;
import com.dylibso.chicory.wasm.types.StartSection;
import com.dylibso.chicory.wasm.types.TableSection;
import com.dylibso.chicory.wasm.types.TagSection;
import com.dylibso.chicory.wasm.types.TypeSection;
import com.dylibso.chicory.wasm.types.UnknownCustomSection;
import dev.dormouse.fault.Code;
import dev.dormouse.fault.Fault;
import dev.dormouse.fault.UserFault;
import java.io.ByteArrayInputStream;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** Reads binaries, and answers every way in which they can be wrong with a fault. */
final class ModuleReader {
  private static final int[] ALL_BUT_CODE_AND_CUSTOM = {
    SectionId.TYPE,
    SectionId.IMPORT,
    SectionId.FUNCTION,
    SectionId.TABLE,
    SectionId.MEMORY,
    SectionId.GLOBAL,
    SectionId.EXPORT,
    SectionId.START,
    SectionId.ELEMENT,
    SectionId.DATA,
    SectionId.DATA_COUNT,
    SectionId.TAG
  };

  private static final String NAMES = "name";
  private static final NameCustomSection NO_NAMES = NameCustomSection.parse(new byte[0]);

  private ModuleReader() {}

  /** What somebody uploaded: everything, checked by the rules of the specification. */
  static WasmModule uploaded(byte[] wasm) {
    UploadBounds.check(wasm);
    return whole(wasm);
  }

  /** What the rewriter made of an upload: everything, checked in the same way. */
  static WasmModule whole(byte[] wasm) {
    return guarded(
        () ->
            Parser.builder()
                .withCustomParsers(Map.of(NAMES, _ -> NO_NAMES))
                .build()
                .parse(() -> new ByteArrayInputStream(wasm)));
  }

  /**
   * A module that has been checked before, without its code: what instances need where the code is
   * compiled. Instructions as Chicory keeps them take a hundred times the bytes of the binary.
   */
  static WasmModule withoutCode(byte[] wasm) {
    return guarded(
        () -> {
          var parser = Parser.builder().withCustomParsers(Map.of());
          for (int section : ALL_BUT_CODE_AND_CUSTOM) {
            parser.includeSectionId(section);
          }
          var module = WasmModule.builder().withValidation(false);
          int[] functions = new int[1];
          parser
              .build()
              .parse(
                  new ByteArrayInputStream(wasm),
                  section -> {
                    add(module, section);
                    if (section instanceof FunctionSection declared) {
                      functions[0] = declared.functionCount();
                    }
                  });
          var empty = new FunctionBody(List.of(), List.of());
          var code = CodeSection.builder();
          for (int i = 0; i < functions[0]; i++) {
            code.addFunctionBody(empty);
          }
          return module.setCodeSection(code.build()).build();
        });
  }

  /** The bytes of the name section; none where there is none. */
  static byte[] names(byte[] wasm) {
    return guarded(
        () -> {
          var found = new byte[1][0];
          Parser.builder()
              .withCustomParsers(Map.of())
              .includeSectionId(SectionId.CUSTOM)
              .build()
              .parse(
                  new ByteArrayInputStream(wasm),
                  section -> {
                    if (section instanceof UnknownCustomSection raw && raw.name().equals(NAMES)) {
                      found[0] = raw.bytes();
                    }
                  });
          return found[0];
        });
  }

  private static void add(WasmModule.Builder module, Section section) {
    switch (section) {
      case TypeSection types -> module.setTypeSection(types);
      case ImportSection imports -> module.setImportSection(imports);
      case FunctionSection functions -> module.setFunctionSection(functions);
      case TableSection tables -> module.setTableSection(tables);
      case MemorySection memories -> module.setMemorySection(memories);
      case GlobalSection globals -> module.setGlobalSection(globals);
      case ExportSection exports -> module.setExportSection(exports);
      case StartSection start -> module.setStartSection(start);
      case ElementSection elements -> module.setElementSection(elements);
      case DataSection data -> module.setDataSection(data);
      case DataCountSection count -> module.setDataCountSection(count);
      case TagSection tags -> module.setTagSection(tags);
      default -> throw new IllegalStateException("unknown section " + section.sectionId());
    }
  }

  /** Work on a binary from outside. */
  interface Reading<T> {
    T read();
  }

  /** Does the work; whatever goes wrong in it is the binary's fault. */
  static <T> T guarded(Reading<T> reading) {
    try {
      return reading.read();
    } catch (Fault e) {
      throw e;
    } catch (ChicoryException e) {
      throw invalid(Objects.toString(e.getMessage()));
    } catch (StackOverflowError _) {
      throw invalid("its blocks or types are nested too deeply");
    } catch (OutOfMemoryError _) {
      throw invalid("it is too large for the memory of this server");
    } catch (RuntimeException | LinkageError e) {
      throw invalid("it is malformed (" + e + ")");
    }
  }

  private static UserFault invalid(String reason) {
    return new UserFault(Code.MODULE_INVALID, "the module is not valid: " + reason);
  }
}
