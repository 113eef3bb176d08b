package dev.dormouse.guest;

import java.util.List;

/** Seam: something that runs metered modules. Safe for use by many threads. */
public interface Engine extends AutoCloseable {

  /**
   * Checks an uploaded binary by the rules of the WebAssembly specification, before it is
   * rewritten.
   *
   * @throws dev.dormouse.fault.UserFault {@code module_invalid}, with the reason and, where known,
   *     the offset
   */
  void validate(byte[] wasm);

  /**
   * Compiles a module, or takes the compiled code from the disk cache, and links it to the imports.
   *
   * @param imports every function that guests may import; the module must not ask for another
   * @throws dev.dormouse.fault.UserFault {@code module_invalid}
   */
  GuestModule load(MeteredModule module, List<HostFunction> imports);

  @Override
  void close();
}
