package dev.dormouse.egress;

import dev.dormouse.limits.SettingsException;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.CertPathBuilderException;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.security.cert.CertificateExpiredException;
import java.security.cert.CertificateFactory;
import java.security.cert.CertificateNotYetValidException;
import java.util.ArrayList;
import java.util.List;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.SSLSocketFactory;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509TrustManager;
import org.jspecify.annotations.Nullable;

/** Whose certificates the way out believes, and TLS under them. Safe for use by many threads. */
public final class Trust {
  private static final Trust STANDARD = new Trust(List.of());

  private final List<? extends Certificate> more;
  private volatile @Nullable SSLSocketFactory sockets;

  private Trust(List<? extends Certificate> more) {
    this.more = more;
  }

  /** The authorities that the JDK trusts. */
  public static Trust standard() {
    return STANDARD;
  }

  /**
   * Those, and the ones whose certificates stand in a PEM file.
   *
   * @throws SettingsException when the file cannot be read or has no certificate
   */
  public static Trust with(Path file) {
    try (InputStream in = Files.newInputStream(file)) {
      var more = List.copyOf(CertificateFactory.getInstance("X.509").generateCertificates(in));
      if (more.isEmpty()) {
        throw new SettingsException("webCertificates: " + file + " has no certificate in it");
      }
      return new Trust(more);
    } catch (IOException e) {
      throw new SettingsException("webCertificates: cannot read " + file + ": " + e);
    } catch (CertificateException e) {
      throw new SettingsException(
          "webCertificates: " + file + " has no certificates in PEM form: " + e.getMessage());
    }
  }

  /** Made when it is first needed: the JDK's authorities are many. */
  private SSLSocketFactory sockets() {
    var known = sockets;
    if (known == null) {
      known = make();
      sockets = known;
    }
    return known;
  }

  List<Certificate> authorities() throws GeneralSecurityException {
    var all = new ArrayList<Certificate>(more);
    for (var manager : managers(null)) {
      if (manager instanceof X509TrustManager standard) {
        all.addAll(List.of(standard.getAcceptedIssuers()));
      }
    }
    return all;
  }

  private SSLSocketFactory make() {
    try {
      var all = authorities();
      var store = KeyStore.getInstance(KeyStore.getDefaultType());
      store.load(null, null);
      for (int i = 0; i < all.size(); i++) {
        store.setCertificateEntry("authority-" + i, all.get(i));
      }
      var context = SSLContext.getInstance("TLS");
      context.init(null, managers(store), null);
      return context.getSocketFactory();
    } catch (GeneralSecurityException | IOException e) {
      throw new IllegalStateException("the JDK has no TLS", e);
    }
  }

  private static javax.net.ssl.TrustManager[] managers(@Nullable KeyStore store)
      throws GeneralSecurityException {
    var factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    factory.init(store);
    return factory.getTrustManagers();
  }

  /**
   * TLS over a connection. The certificate must be one for the host by name, whatever address was
   * connected to.
   *
   * @throws WebFailure {@code untrusted}, saying what is wrong with the certificate
   */
  Socket encrypt(Socket plain, WebUrl url) throws IOException {
    var socket = (SSLSocket) sockets().createSocket(plain, url.host(), url.port(), true);
    var parameters = socket.getSSLParameters();
    parameters.setEndpointIdentificationAlgorithm("HTTPS");
    socket.setSSLParameters(parameters);
    try {
      socket.startHandshake();
      return socket;
    } catch (SSLException e) {
      var wrong = whatIsWrong(e, url);
      if (wrong == null) {
        throw e;
      }
      throw new WebFailure(WebFailure.UNTRUSTED, wrong);
    }
  }

  private static @Nullable String whatIsWrong(SSLException failure, WebUrl url) {
    boolean certificate = false;
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      switch (cause) {
        case CertificateExpiredException _, CertificateNotYetValidException _ -> {
          return "the certificate of " + url.origin() + " has expired, or is not valid yet";
        }
        case CertPathBuilderException _ -> {
          return "the certificate of "
              + url.origin()
              + " comes from an authority that this server does not trust: name the authority's"
              + " certificate in its setting webCertificates";
        }
        case CertificateException _ -> certificate = true;
        default -> {}
      }
    }
    return certificate
        ? "the certificate of " + url.origin() + " is not one for it: " + failure.getMessage()
        : null;
  }
}
