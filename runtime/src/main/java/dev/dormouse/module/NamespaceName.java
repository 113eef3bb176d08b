package dev.dormouse.module;

import dev.dormouse.fault.Code;
import dev.dormouse.fault.UserFault;
import java.util.regex.Pattern;

/** What namespaces may be called. */
public final class NamespaceName {
  static final String FORM =
      "1 to 64 lower-case letters, digits, \"-\", \"_\" and \".\", starting with a letter or digit";

  private static final Pattern VALID = Pattern.compile("[a-z0-9][a-z0-9._-]{0,63}");

  private NamespaceName() {}

  public static boolean isValid(String name) {
    return VALID.matcher(name).matches();
  }

  /**
   * @throws UserFault {@code bad_request}, saying what a name must be
   */
  public static void require(String name) {
    if (!isValid(name)) {
      String shown = name.length() > 80 ? name.substring(0, 80) + "…" : name;
      throw new UserFault(
          Code.BAD_REQUEST, "\"" + shown + "\" is not a namespace: a name must have " + FORM);
    }
  }
}
