package dev.dormouse.sdk;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;

/** What {@link OutsideConformance} asks, of an actor in AssemblyScript. */
class AssemblyScriptOutsideTest extends OutsideConformance {
  AssemblyScriptOutsideTest() {
    super(Path.of("../sdk-assemblyscript"), "as-wasm.sh");
  }

  @Override
  boolean saysDenied(JsonNode failure) {
    return failure.path("denied").asBoolean();
  }
}
