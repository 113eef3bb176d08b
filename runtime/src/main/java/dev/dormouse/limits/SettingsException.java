package dev.dormouse.limits;

/**
 * A mistake in a configuration or manifest. The message is one sentence that names the setting,
 * says what was wrong with it and what it takes.
 */
public final class SettingsException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public SettingsException(String message) {
    super(message, null, false, false);
  }
}
