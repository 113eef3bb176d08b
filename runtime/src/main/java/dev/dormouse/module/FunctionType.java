package dev.dormouse.module;

import dev.dormouse.abi.FlatSignature;
import java.util.List;

/** A function type as people write it, with value types by their names in the text format. */
record FunctionType(List<String> params, List<String> results) {

  static FunctionType of(FlatSignature flat) {
    return new FunctionType(names(flat.params()), names(flat.results()));
  }

  private static List<String> names(String flat) {
    return flat.chars().mapToObj(c -> c == 'i' ? "i32" : "i64").toList();
  }

  @Override
  public String toString() {
    return "(" + String.join(", ", params) + ") -> (" + String.join(", ", results) + ")";
  }
}
