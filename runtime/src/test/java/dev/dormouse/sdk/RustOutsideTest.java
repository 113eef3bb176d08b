package dev.dormouse.sdk;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;

/** What {@link OutsideConformance} asks, of an actor in Rust. */
class RustOutsideTest extends OutsideConformance {
  RustOutsideTest() {
    super(Path.of("../sdk-rust"), "rust-wasm.sh");
  }

  @Override
  boolean saysDenied(JsonNode failure) {
    return failure.path("kind").asText().equals("EgressDenied");
  }
}
