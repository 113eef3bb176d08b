package dev.dormouse.host;

import dev.dormouse.abi.Abi;
import dev.dormouse.abi.FlatSignature;
import dev.dormouse.guest.HostFunction;
import java.util.ArrayList;
import java.util.List;

/** Every function that a guest may import: the contract's, and the few of WASI preview 1. */
public final class HostImports {
  private HostImports() {}

  /** A body of an import: takes its arguments from the call, answers its flat result. */
  interface Body {
    long run(Call call);
  }

  public static List<HostFunction> all() {
    var imports = new Table();
    IdentityImports.into(imports);
    StorageImports.into(imports);
    ConnectionImports.into(imports);
    ActorsImports.into(imports);
    WebImports.into(imports);
    CryptoImports.into(imports);
    WorldImports.into(imports);
    var all = new ArrayList<>(imports.functions);
    all.addAll(WasiImports.all());
    requireComplete(all);
    return List.copyOf(all);
  }

  /** Collects imports under the names and signatures that the contract gives them. */
  static final class Table {
    private final List<HostFunction> functions = new ArrayList<>();

    void add(String interfaceName, String function, long cost, Body body) {
      var signatures = Abi.IMPORTS.get(interfaceName);
      FlatSignature signature = signatures == null ? null : signatures.get(function);
      if (signature == null) {
        throw new IllegalStateException("not in the contract: " + interfaceName + "." + function);
      }
      var name = interfaceName + "." + function;
      functions.add(
          new HostFunction(
              Abi.importModule(interfaceName),
              function,
              signature,
              (caller, arguments) -> body.run(new Call(name, caller, arguments, cost))));
    }
  }

  private static void requireComplete(List<HostFunction> functions) {
    Abi.IMPORTS.forEach(
        (interfaceName, members) ->
            members
                .keySet()
                .forEach(
                    function -> {
                      var module = Abi.importModule(interfaceName);
                      if (functions.stream()
                          .noneMatch(f -> f.module().equals(module) && f.name().equals(function))) {
                        throw new IllegalStateException(
                            "the contract's " + interfaceName + "." + function + " is missing");
                      }
                    }));
  }
}
