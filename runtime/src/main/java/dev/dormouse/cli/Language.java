package dev.dormouse.cli;

import java.util.Optional;

/** What an app may be written in; {@code lang} of its manifest. */
enum Language {
  RUST("rust", "Rust", "sdk-rust", "toolchain/rust-wasm.sh"),
  ASSEMBLYSCRIPT("assemblyscript", "AssemblyScript", "sdk-assemblyscript", "toolchain/as-wasm.sh"),
  JS("js", "JavaScript", "sdk-js-quickjs-wasm", "toolchain/js-wasm.sh"),
  TS("ts", "TypeScript", "sdk-js-quickjs-wasm", "toolchain/js-wasm.sh"),
  /** A module that something else builds. */
  WASM("wasm", "WebAssembly", "", "");

  private final String id;
  private final String title;
  private final String sdk;
  private final String script;

  Language(String id, String title, String sdk, String script) {
    this.id = id;
    this.title = title;
    this.sdk = sdk;
    this.script = script;
  }

  static Optional<Language> named(String id) {
    for (Language each : values()) {
      if (each.id.equals(id)) {
        return Optional.of(each);
      }
    }
    return Optional.empty();
  }

  String id() {
    return id;
  }

  String title() {
    return title;
  }

  /** The folder of its SDK in the checkout. */
  String sdk() {
    return sdk;
  }

  /**
   * The script in its SDK that builds an app: {@code script DIR OUT.wasm}, and for scripts a plan.
   */
  String script() {
    return script;
  }
}
