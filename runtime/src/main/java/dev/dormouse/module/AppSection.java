package dev.dormouse.module;

import dev.dormouse.limits.SettingsException;
import java.util.Map;

/**
 * The custom section in which an app's manifest rides with its module, so that one file is all that
 * is deployed.
 */
public final class AppSection {
  /** The name of the section. */
  public static final String NAME = "dormouse:app";

  /** The largest section. */
  public static final int MAX_BYTES = 256 * 1024;

  /** The section in which a JavaScript app's entry file rides, bundled. */
  public static final String BUNDLE = "dormouse:bundle";

  /** The section in which it rides compiled. */
  public static final String BYTECODE = "dormouse:bytecode";

  private AppSection() {}

  /**
   * The module with the manifest in it, in the place of one that was there.
   *
   * @throws dev.dormouse.fault.UserFault {@code module_invalid}, when the bytes are not a core
   *     module
   * @throws SettingsException when the manifest is too large
   */
  public static byte[] attach(byte[] wasm, Manifest manifest) {
    ModuleOutline.requireCoreModule(wasm);
    byte[] content = manifest.toSection();
    if (content.length > MAX_BYTES) {
      throw new SettingsException(
          "the manifest takes "
              + content.length
              + " bytes, more than the "
              + MAX_BYTES
              + " that a module may carry");
    }
    return CustomSections.with(wasm, Map.of(NAME, content));
  }

  /**
   * The module with the manifest in it, and what the build tool wrote of a gateway and for the
   * guest kept.
   *
   * @throws dev.dormouse.fault.UserFault {@code module_invalid}
   * @throws SettingsException when the manifest is too large
   */
  public static byte[] complete(byte[] wasm, Manifest manifest) {
    return attach(wasm, manifest.completedBy(read(ModuleOutline.read(wasm))));
  }

  /**
   * An engine with a script in it, as text and compiled.
   *
   * @throws dev.dormouse.fault.UserFault {@code module_invalid}
   */
  public static byte[] withBundle(byte[] engine, byte[] script, byte[] bytecode) {
    ModuleOutline.requireCoreModule(engine);
    return CustomSections.with(engine, Map.of(BUNDLE, script, BYTECODE, bytecode));
  }

  /**
   * Whether the module carries a manifest with a gateway.
   *
   * @throws dev.dormouse.fault.UserFault {@code module_invalid}
   */
  public static boolean hasGateway(byte[] wasm) {
    return read(ModuleOutline.read(wasm)).gateway();
  }

  /**
   * The module with values added to the env of the manifest that it carries.
   *
   * @throws dev.dormouse.fault.UserFault {@code module_invalid}
   * @throws SettingsException when the manifest becomes too large
   */
  public static byte[] withEnv(byte[] wasm, Map<String, String> values) {
    return attach(wasm, read(ModuleOutline.read(wasm)).withEnv(values));
  }

  /**
   * The manifest that a module carries.
   *
   * @return {@link Manifest#EMPTY} where it carries none
   * @throws dev.dormouse.fault.UserFault {@code module_invalid}, naming the first mistake
   */
  static Manifest read(ModuleOutline module) {
    byte[] content = module.customSections().get(NAME);
    if (content == null) {
      return Manifest.EMPTY;
    }
    if (content.length > MAX_BYTES) {
      throw ModuleOutline.invalid(
          "the section " + NAME + " takes more than " + MAX_BYTES + " bytes");
    }
    try {
      return Manifest.readSection(content);
    } catch (SettingsException e) {
      throw ModuleOutline.invalid("the app's manifest: " + e.getMessage());
    }
  }
}
