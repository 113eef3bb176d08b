package dev.dormouse.module;

import dev.dormouse.abi.Abi;
import dev.dormouse.fault.Code;
import dev.dormouse.fault.Fault;
import dev.dormouse.fault.InternalFault;
import dev.dormouse.guest.Engine;
import dev.dormouse.guest.GuestModule;
import dev.dormouse.guest.HostFunction;
import dev.dormouse.guest.fuel.ModuleBounds;
import dev.dormouse.guest.fuel.Rewriter;
import dev.dormouse.limits.LimitPolicy;
import dev.dormouse.limits.Limits;
import dev.dormouse.time.TimeSource;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * The modules on disk, and what becomes of them: checked, compiled, with their settings, ready to
 * run. A module's file is named by its hash, so the same bytes are kept once.
 *
 * <p>Safe for use by many threads. Compiling happens on threads of its own, {@link
 * Compilers#THREADS} at a time.
 */
final class Versions implements AutoCloseable {
  private static final String MODULE = ".wasm";

  private final DurableDirectory modules;
  private final Engine engine;
  private final List<HostFunction> imports;
  private final AbiCheck abi;
  private final LimitPolicy policy;
  private final Map<String, Map<String, String>> serverEnv;
  private final TimeSource time;
  private final Compilers compilers = new Compilers();
  private final LongAdder loads = new LongAdder();

  /**
   * @param imports every function that guests may import
   * @param serverEnv values that the server's configuration gives to guests, by namespace
   */
  Versions(
      DurableDirectory modules,
      Engine engine,
      List<HostFunction> imports,
      LimitPolicy policy,
      Map<String, Map<String, String>> serverEnv,
      TimeSource time) {
    this.modules = modules;
    this.engine = engine;
    this.imports = List.copyOf(imports);
    this.abi = new AbiCheck(imports);
    this.policy = policy;
    this.serverEnv = Map.copyOf(serverEnv);
    this.time = time;
  }

  private static String file(String sha256) {
    return sha256 + MODULE;
  }

  /** Modules that were handed to the engine so far, whether compiled or from its cache. */
  long loads() {
    return loads.sum();
  }

  /** Ends the threads that compile. What waits for them fails. */
  @Override
  public void close() {
    compilers.close();
  }

  /** Makes a module durable. */
  void keep(String sha256, byte[] wasm) {
    modules.write(file(sha256), wasm);
  }

  /** Deletes the modules that are not needed. */
  void keepOnly(Collection<String> needed) {
    for (String file : modules.names(MODULE)) {
      if (!needed.contains(file.substring(0, file.length() - MODULE.length()))) {
        modules.delete(file);
      }
    }
  }

  /**
   * Checks and compiles a module that is to be put.
   *
   * @param before what the namespace is bound to, or null
   * @param host as in {@link Namespaces#put(String, byte[], String)}
   */
  Prepared prepare(
      String name, @Nullable Binding before, byte[] wasm, String sha256, @Nullable String host) {
    return compilers.run(() -> prepareNow(name, before, wasm, sha256, host));
  }

  /** A version that could run, but is not bound yet. */
  record Prepared(Binding binding, Version version) {}

  private Prepared prepareNow(
      String name, @Nullable Binding before, byte[] wasm, String sha256, @Nullable String host) {
    ModuleOutline.requireCoreModule(wasm);
    engine.validate(wasm);
    var outline = ModuleOutline.read(wasm);
    var exports = abi.check(outline);
    Manifest manifest = AppSection.read(outline);
    Hosts.requireGateway(host, manifest.gateway());
    Limits limits = policy.lowered(name, manifest.limits());
    GuestModule module = compile(name, wasm, limits);
    long now = time.millis();
    var binding =
        new Binding(
            before == null ? 1 : before.version() + 1,
            sha256,
            wasm.length,
            Abi.VERSION,
            exports,
            before == null ? now : before.createdMillis(),
            now,
            host != null || before == null ? host : before.host(),
            before == null ? List.of() : before.superseded());
    return new Prepared(
        binding, version(name, binding, module, limits, manifest, outline.customSections()));
  }

  /** Loads what the disk holds, for the first one who asks. */
  Version load(Namespace namespace, Binding binding) {
    return compilers.run(
        () -> {
          byte[] wasm = readModule(namespace.name(), binding);
          var outline = ModuleOutline.read(wasm);
          var manifest = AppSection.read(outline);
          Limits limits = policy.clamped(namespace.name(), manifest.limits());
          return version(
              namespace.name(),
              binding,
              compile(namespace.name(), wasm, limits),
              limits,
              manifest,
              outline.customSections());
        });
  }

  private GuestModule compile(String name, byte[] wasm, Limits limits) {
    loads.increment();
    var bounds =
        ModuleBounds.DEFAULTS
            .withMemoryBytes(limits.memoryBytes())
            .withModuleBytes(policy.forNamespace(name).moduleBytes());
    return engine.load(Rewriter.meter(wasm, bounds), imports);
  }

  private Version version(
      String name,
      Binding binding,
      GuestModule module,
      Limits limits,
      Manifest manifest,
      Map<String, byte[]> customSections) {
    var sections = new HashMap<>(customSections);
    sections.keySet().removeIf(section -> section.equals("name") || section.startsWith(".debug"));
    var env = new HashMap<>(manifest.env());
    env.putAll(serverEnv.getOrDefault(name, Map.of()));
    return new Version(
        binding.version(),
        binding.sha256(),
        binding.size(),
        module,
        limits,
        Collections.unmodifiableMap(env),
        Collections.unmodifiableMap(sections),
        manifest.gateway(),
        manifest.egress(),
        binding.exports(),
        binding.updatedMillis());
  }

  private byte[] readModule(String name, Binding binding) {
    byte[] wasm = modules.read(file(binding.sha256())).orElse(new byte[0]);
    if (wasm.length == binding.size() && Hash.sha256(wasm).equals(binding.sha256())) {
      return wasm;
    }
    throw new InternalFault(
        Code.STORAGE_FAILED,
        "the module of namespace \"%s\" is missing or damaged (%s): deploy it again"
            .formatted(name, modules.path(file(binding.sha256()))),
        null);
  }

  /** Whether the disk has the module of a binding, undamaged. */
  boolean intact(Binding binding) {
    try {
      return modules
          .read(file(binding.sha256()))
          .filter(bytes -> Hash.sha256(bytes).equals(binding.sha256()))
          .isPresent();
    } catch (Fault e) {
      return false;
    }
  }
}
