package dev.dormouse.module;

import dev.dormouse.guest.MeteredModule;
import dev.dormouse.limits.Limits;
import java.util.List;
import java.util.Map;

/** How modules are metered. */
final class Meter {
  private Meter() {}

  static MeteredModule meter(byte[] wasm, Limits limits) {
    if (wasm.length > limits.moduleBytes()) {
      throw ModuleOutline.invalid("the module is larger than moduleBytes allows");
    }
    return new MeteredModule(wasm, Hash.sha256(wasm), List.of(), Map.of(), Map.of());
  }
}
