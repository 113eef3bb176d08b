package dev.dormouse.guest.chicory;

import com.dylibso.chicory.wasm.types.NameCustomSection;
import java.lang.ref.SoftReference;
import java.util.StringJoiner;
import org.jspecify.annotations.Nullable;

/** The names of a module's functions, read from its name section when somebody asks. */
final class FunctionNames {
  private static final int MOST_FRAMES = 10;
  private static final int LONGEST_NAME = 120;

  private final byte[] section;
  private volatile @Nullable SoftReference<NameCustomSection> parsed;

  /**
   * @param section the content of the name section, which need not be well-formed
   */
  FunctionNames(byte[] section) {
    this.section = section;
  }

  /** The function's name, or its index where it has none. */
  String of(int function) {
    var names = names();
    var name = names == null ? null : names.nameOfFunction(function);
    if (name == null) {
      return "#" + function;
    }
    return name.length() <= LONGEST_NAME ? name : name.substring(0, LONGEST_NAME);
  }

  /** The guest's frames in a stack trace, innermost first. */
  String trace(Throwable thrown) {
    var trace = new StringJoiner(", ");
    int found = 0;
    for (var frame : thrown.getStackTrace()) {
      if (CompiledCode.isGuest(frame) && found++ < MOST_FRAMES) {
        trace.add(of(CompiledCode.function(frame)));
      }
    }
    return trace.toString();
  }

  private @Nullable NameCustomSection names() {
    var reference = parsed;
    var names = reference == null ? null : reference.get();
    if (names == null) {
      try {
        names = NameCustomSection.parse(section);
        parsed = new SoftReference<>(names);
      } catch (RuntimeException _) {
        // A malformed name section is no error by the specification: there are no names, then.
        return null;
      }
    }
    return names;
  }
}
