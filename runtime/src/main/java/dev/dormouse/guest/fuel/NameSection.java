package dev.dormouse.guest.fuel;

import dev.dormouse.fault.UserFault;
import dev.dormouse.guest.Metering;

/**
 * Carries the names of the module and its functions over, with the indices they have now. A name
 * section that is not well formed is dropped: it has no say in whether a module is valid.
 */
final class NameSection {
  private static final int MOST_NAMES = 1_000_000;

  private final Module module;
  private final Layout layout;

  NameSection(Module module, Layout layout) {
    this.module = module;
    this.layout = layout;
  }

  void write(ByteSink out) {
    var content = new ByteSink(1_024);
    content.name("name");
    int empty = content.size();
    if (module.nameStart >= 0) {
      try {
        copy(content);
      } catch (UserFault malformed) {
        return;
      }
    }
    if (content.size() > empty) {
      out.section(0, content);
    }
  }

  private void copy(ByteSink content) {
    var in = new ByteReader(module.bytes, module.nameStart, module.nameEnd);
    int last = -1;
    while (in.hasMore()) {
      int id = in.u8();
      long size = in.u32();
      int start = in.position;
      in.skip(size);
      if (id <= last) {
        throw in.invalid("name subsections are out of order");
      }
      last = id;
      var part = new ByteReader(module.bytes, start, in.position);
      if (id == 0) {
        var sub = new ByteSink(64);
        sub.name(part.name());
        content.section(0, sub);
      } else if (id == 1) {
        content.section(1, functionNames(part));
      }
    }
  }

  private ByteSink functionNames(ByteReader in) {
    var names = new ByteSink(1_024);
    int count = in.count(MOST_NAMES, "names");
    int written = 0;
    int next = 0;
    boolean mine = false;
    for (int i = 0; i < count; i++) {
      int index = in.index(module.functions.size(), "function");
      String name = in.name();
      if (index < next) {
        throw in.invalid("names are out of order");
      }
      next = index + 1;
      if (!mine && !module.isImported(index)) {
        written += writeOwn(names);
        mine = true;
      }
      names.u32(layout.shifted(index));
      names.name(name);
      written++;
    }
    if (!mine) {
      written += writeOwn(names);
    }
    names.u32(layout.settle());
    names.name(Metering.RESERVED + "/settle");
    var sub = new ByteSink(names.size() + 8);
    sub.u32(written + 1L);
    sub.raw(names.array(), 0, names.size());
    return sub;
  }

  private int writeOwn(ByteSink names) {
    names.u32(layout.refill());
    names.name(Metering.IMPORT_MODULE + "/" + Metering.REFILL_IMPORT);
    names.u32(layout.overflow());
    names.name(Metering.IMPORT_MODULE + "/" + Metering.OVERFLOW_IMPORT);
    return 2;
  }
}
