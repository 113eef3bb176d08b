package dev.dormouse.config;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.dormouse.limits.LimitPolicy;
import dev.dormouse.limits.Limits;
import dev.dormouse.limits.NodeLimits;
import dev.dormouse.limits.Settings;
import dev.dormouse.limits.SettingsException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What the server is started with. The JSON form has the same names: {@code host}, {@code port},
 * {@code adminHost}, {@code adminPort}, {@code data}, {@code adminToken}, {@code webCertificates},
 * {@code limits} (see {@link Limits}), {@code node} (see {@link NodeLimits}) and {@code
 * namespaces}, an object that gives each named namespace its own {@code limits} and {@code env}.
 * Every one may be left out.
 *
 * @param port of the public listener; 0 takes a free one
 * @param data the data directory; one server at a time uses it
 * @param adminToken what admin requests must bear, or null for none
 * @param webCertificates a PEM file with authorities whose certificates are believed on the way
 *     out, beside those that the JDK trusts, or null for none
 * @param env values for guests, by namespace; they win over the manifest's
 */
public record ServerConfig(
    String host,
    int port,
    String adminHost,
    int adminPort,
    Path data,
    @Nullable String adminToken,
    @Nullable Path webCertificates,
    LimitPolicy limits,
    NodeLimits node,
    Map<String, Map<String, String>> env) {

  /** Most bytes that the names and values of one namespace's env take, in UTF-8. */
  public static final int MAX_ENV_BYTES = 64 * 1024;

  private static final int MAX_FILE_BYTES = 4 * 1024 * 1024;
  private static final int LEAST_TOKEN = 16;

  public ServerConfig {
    env = Map.copyOf(env);
  }

  /** What holds where nothing is configured. */
  public static ServerConfig defaults() {
    return new ServerConfig(
        "127.0.0.1",
        8787,
        "127.0.0.1",
        8788,
        Path.of("data"),
        null,
        null,
        LimitPolicy.DEFAULTS,
        NodeLimits.defaults(),
        Map.of());
  }

  /**
   * Reads a configuration file. Relative paths in it are relative to the file.
   *
   * @throws SettingsException when the file cannot be read, or naming its first mistake
   */
  public static ServerConfig read(Path file) {
    byte[] text;
    try {
      if (Files.size(file) > MAX_FILE_BYTES) {
        throw new SettingsException(
            file
                + " is larger than the "
                + MAX_FILE_BYTES
                + " bytes that a configuration may have");
      }
      text = Files.readAllBytes(file);
    } catch (NoSuchFileException e) {
      throw new SettingsException("there is no configuration file " + file);
    } catch (IOException e) {
      throw new SettingsException("cannot read the configuration file " + file + ": " + e);
    }
    try {
      var read = read(Settings.parse("the file", text));
      var parent = file.toAbsolutePath().getParent();
      return parent == null ? read : read.relativeTo(parent);
    } catch (SettingsException e) {
      throw new SettingsException(file + ": " + e.getMessage());
    }
  }

  /**
   * Reads a configuration over {@link #defaults}.
   *
   * @throws SettingsException naming the first mistake
   */
  public static ServerConfig read(ObjectNode json) {
    Settings.onlyKeys(
        "the configuration",
        json,
        "host",
        "port",
        "adminHost",
        "adminPort",
        "data",
        "adminToken",
        "webCertificates",
        "limits",
        "node",
        "namespaces");
    var base = defaults();
    var limits = LimitPolicy.read("limits", json.get("limits"), Limits.DEFAULTS);
    var overrides = new HashMap<String, Limits>();
    var env = new HashMap<String, Map<String, String>>();
    if (json.has("namespaces")) {
      for (var entry : Settings.object("namespaces", json.get("namespaces")).properties()) {
        String where = "namespaces." + entry.getKey();
        var own = Settings.object(where, entry.getValue());
        Settings.onlyKeys(where, own, "limits", "env");
        overrides.put(
            entry.getKey(), LimitPolicy.read(where + ".limits", own.get("limits"), limits));
        if (own.has("env")) {
          env.put(entry.getKey(), Settings.strings(where + ".env", own.get("env"), MAX_ENV_BYTES));
        }
      }
    }
    return new ServerConfig(
        text(json, "host", base.host()),
        port(json, "port", base.port()),
        text(json, "adminHost", base.adminHost()),
        port(json, "adminPort", base.adminPort()),
        Path.of(text(json, "data", base.data().toString())),
        json.has("adminToken") ? token(json) : null,
        json.has("webCertificates") ? Path.of(text(json, "webCertificates", "")) : null,
        new LimitPolicy(limits, overrides),
        NodeLimits.read("node", json.get("node"), base.node()),
        env);
  }

  public ServerConfig withData(Path directory) {
    return new ServerConfig(
        host,
        port,
        adminHost,
        adminPort,
        directory,
        adminToken,
        webCertificates,
        limits,
        node,
        env);
  }

  public ServerConfig withPublic(String listenHost, int listenPort) {
    return new ServerConfig(
        listenHost,
        listenPort,
        adminHost,
        adminPort,
        data,
        adminToken,
        webCertificates,
        limits,
        node,
        env);
  }

  public ServerConfig withAdmin(String listenHost, int listenPort) {
    return new ServerConfig(
        host, port, listenHost, listenPort, data, adminToken, webCertificates, limits, node, env);
  }

  public ServerConfig withAdminToken(@Nullable String token) {
    return new ServerConfig(
        host, port, adminHost, adminPort, data, token, webCertificates, limits, node, env);
  }

  /** Believes these authorities, too, on the way out. */
  public ServerConfig withWebCertificates(@Nullable Path file) {
    return new ServerConfig(
        host, port, adminHost, adminPort, data, adminToken, file, limits, node, env);
  }

  private ServerConfig relativeTo(Path folder) {
    return withData(folder.resolve(data))
        .withWebCertificates(webCertificates == null ? null : folder.resolve(webCertificates));
  }

  /** The token never shows in logs. */
  @Override
  public String toString() {
    return "ServerConfig[host=%s, port=%d, adminHost=%s, adminPort=%d, data=%s, adminToken=%s]"
        .formatted(
            host, port, adminHost, adminPort, data, adminToken == null ? "none" : "(hidden)");
  }

  private static String text(ObjectNode json, String key, String otherwise) {
    var value = json.get(key);
    return value == null ? otherwise : Settings.text(key, value);
  }

  private static int port(ObjectNode json, String key, int otherwise) {
    var value = json.get(key);
    return value == null ? otherwise : Settings.integer(key, value, 0, 65_535);
  }

  private static String token(ObjectNode json) {
    String token = text(json, "adminToken", "");
    if (token.length() < LEAST_TOKEN || !token.chars().allMatch(c -> c > 0x20 && c < 0x7f)) {
      throw new SettingsException(
          "adminToken must have at least "
              + LEAST_TOKEN
              + " printable ASCII characters without blanks");
    }
    return token;
  }
}
