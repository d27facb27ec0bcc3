import java.io.FileInputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/** Gets a URL with Java's HttpClient: {@code java HttpClientGet.java <url> <file of authorities>}. */
final class HttpClientGet {
  public static void main(String[] args) throws Exception {
    var keys = KeyStore.getInstance(KeyStore.getDefaultType());
    keys.load(null, null);
    try (var file = new FileInputStream(args[1])) {
      var authority = CertificateFactory.getInstance("X.509").generateCertificate(file);
      keys.setCertificateEntry("authority", authority);
    }
    var trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    trust.init(keys);
    var context = SSLContext.getInstance("TLS");
    context.init(null, trust.getTrustManagers(), null);
    var client = HttpClient.newBuilder().sslContext(context).build();
    var response =
        client.send(HttpRequest.newBuilder(URI.create(args[0])).build(), BodyHandlers.ofString());
    System.out.println(response.statusCode() + " " + response.body());
  }
}
