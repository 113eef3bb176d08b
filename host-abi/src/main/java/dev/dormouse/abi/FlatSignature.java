package dev.dormouse.abi;

/**
 * A core WebAssembly function type in one word: parameters, an underscore, results. {@code i} is
 * i32, {@code I} is i64. So {@code "Iii_i"} takes an i64 and two i32 and answers an i32, and {@code
 * "_"} takes and answers nothing.
 */
public record FlatSignature(String params, String results) {
  public FlatSignature {
    requireFlat(params);
    requireFlat(results);
  }

  /** Reads the one-word form. */
  public static FlatSignature of(String word) {
    int underscore = word.indexOf('_');
    if (underscore < 0) {
      throw new IllegalArgumentException("no underscore in flat signature: " + word);
    }
    return new FlatSignature(word.substring(0, underscore), word.substring(underscore + 1));
  }

  @Override
  public String toString() {
    return params + "_" + results;
  }

  private static void requireFlat(String types) {
    for (int i = 0; i < types.length(); i++) {
      if (types.charAt(i) != 'i' && types.charAt(i) != 'I') {
        throw new IllegalArgumentException("not i or I in flat signature: " + types);
      }
    }
  }
}
