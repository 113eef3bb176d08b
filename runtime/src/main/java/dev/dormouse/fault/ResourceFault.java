package dev.dormouse.fault;

/** The server lacks room just now; the same request may succeed later. */
public final class ResourceFault extends Fault {
  private static final long serialVersionUID = 1L;

  public ResourceFault(Code code, String message) {
    super(code, Category.RESOURCES, message, null, false);
  }
}
