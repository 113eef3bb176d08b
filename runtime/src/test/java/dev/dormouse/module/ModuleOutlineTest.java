package dev.dormouse.module;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dormouse.fault.Code;
import dev.dormouse.fault.UserFault;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ModuleOutlineTest {

  @Test
  void importsExportsAndCustomSectionsAreFound() {
    var outline =
        ModuleOutline.read(
            new ModuleBytes()
                .importFunction("m", "f", "iI_i")
                .importMemory("m", "mem")
                .memory("memory")
                .function("g", "f_I")
                .custom("note", "hello")
                .build());
    assertEquals(2, outline.imports().size());
    assertEquals("(i32, i64) -> (i32)", String.valueOf(outline.imports().get(0).type()));
    assertEquals(ModuleOutline.Kind.MEMORY, outline.imports().get(1).kind());
    assertEquals("(f32) -> (i64)", String.valueOf(outline.exports().get("g").type()));
    assertEquals(ModuleOutline.Kind.MEMORY, outline.exports().get("memory").kind());
    assertArrayEquals(
        "hello".getBytes(StandardCharsets.UTF_8), outline.customSections().get("note"));
  }

  @Test
  void whatIsNotACoreModuleIsToldWhatItIs() {
    refused("<html></html>".getBytes(StandardCharsets.UTF_8), "not a WebAssembly module");
    refused(new byte[0], "not a WebAssembly module");
    refused(new byte[] {0, 'a', 's', 'm', 0x0D, 0, 1, 0}, "a WebAssembly component");
    refused(new byte[] {0, 'a', 's', 'm', 2, 0, 0, 0}, "not version 1");
  }

  @Test
  void aModuleThatIsCutOffAnywhereIsRefusedOrStillAModule() {
    byte[] whole =
        ModuleBytes.fetching().importFunction("m", "f", "iI_i").custom("note", "x").build();
    int refused = 0;
    for (int length = 0; length < whole.length; length++) {
      try {
        ModuleOutline.read(Arrays.copyOf(whole, length));
      } catch (UserFault e) {
        assertEquals(Code.MODULE_INVALID, e.code());
        refused++;
      }
    }
    assertTrue(refused > whole.length / 2, "most cuts are inside a section");
  }

  @Test
  void garbledModulesAreRefusedOrReadAndNothingElse() {
    byte[] whole =
        ModuleBytes.fetching().importFunction("m", "f", "iI_i").custom("note", "x").build();
    var random = new Random(7);
    for (int round = 0; round < 20_000; round++) {
      byte[] garbled = whole.clone();
      for (int i = 0; i < 1 + random.nextInt(4); i++) {
        garbled[8 + random.nextInt(garbled.length - 8)] = (byte) random.nextInt();
      }
      try {
        ModuleOutline.read(garbled);
      } catch (UserFault e) {
        assertEquals(Code.MODULE_INVALID, e.code());
      }
    }
  }

  private static void refused(byte[] bytes, String words) {
    var fault = assertThrows(UserFault.class, () -> ModuleOutline.read(bytes));
    assertEquals(Code.MODULE_INVALID, fault.code());
    assertTrue(fault.getMessage().contains(words), fault::getMessage);
  }
}
