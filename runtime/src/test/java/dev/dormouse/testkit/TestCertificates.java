package dev.dormouse.testkit;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;

/** An authority that exists for one test, and servers that it has given certificates to. */
public final class TestCertificates {
  private static final String AUTHORITY = "authority";
  private static final String PASSWORD = "changeit";

  private final Path store;

  /**
   * @param dir an empty folder
   */
  public TestCertificates(Path dir) throws Exception {
    Files.createDirectories(dir);
    store = dir.resolve("keys.p12");
    keytool(AUTHORITY, "-ext", "bc:c");
  }

  /** A server with a certificate for a host. */
  public SSLContext server(String host) throws Exception {
    return server(host, List.of());
  }

  /** A server whose certificate has expired. */
  public SSLContext expired(String host) throws Exception {
    return server(host, List.of("-startdate", "-40d", "-validity", "30"));
  }

  private SSLContext server(String host, List<String> more) throws Exception {
    var options = new ArrayList<>(List.of("-signer", AUTHORITY, "-ext", "san=dns:" + host));
    options.addAll(more);
    keytool(host, options.toArray(String[]::new));
    var own = KeyStore.getInstance("PKCS12");
    own.load(null, null);
    var all = read();
    own.setKeyEntry(
        "server",
        all.getKey(host, PASSWORD.toCharArray()),
        PASSWORD.toCharArray(),
        all.getCertificateChain(host));
    var keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    keys.init(own, PASSWORD.toCharArray());
    var context = SSLContext.getInstance("TLS");
    context.init(keys.getKeyManagers(), null, null);
    return context;
  }

  /** The authority's certificate, in PEM form. */
  public Path authority() throws Exception {
    var certificate = read().getCertificate(AUTHORITY).getEncoded();
    return Files.writeString(
        store.resolveSibling("authority.pem"),
        "The authority of a test\n-----BEGIN CERTIFICATE-----\n"
            + Base64.getMimeEncoder().encodeToString(certificate)
            + "\n-----END CERTIFICATE-----\n");
  }

  private KeyStore read() throws IOException, GeneralSecurityException {
    return KeyStore.getInstance(store.toFile(), PASSWORD.toCharArray());
  }

  private void keytool(String alias, String... options) throws Exception {
    var command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
                "-J-XX:TieredStopAtLevel=1",
                "-genkeypair",
                "-keyalg",
                "EC",
                "-dname",
                "cn=" + alias,
                "-alias",
                alias,
                "-keystore",
                store.toString(),
                "-storepass",
                PASSWORD));
    command.addAll(List.of(options));
    var process = new ProcessBuilder(command).redirectErrorStream(true).start();
    var said = new String(process.getInputStream().readAllBytes(), UTF_8);
    assertEquals(0, process.waitFor(), said);
  }
}
