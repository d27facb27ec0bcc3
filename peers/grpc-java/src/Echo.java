import com.google.gson.Gson;
import io.grpc.MethodDescriptor;
import io.grpc.MethodDescriptor.MethodType;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;

/**
 * The echo service of the soak on grpc-java, as a server and as a client: see ../../README.md. {@code Echo serve <settings>}
 * prints its port, and serves until its input ends; {@code Echo call <port> <settings>} makes the calls of its input, and
 * prints how each went.
 */
final class Echo {
  static final String SERVICE = "plaza.interop.v1.EchoService";

  static final MethodDescriptor<byte[], byte[]> UNARY = method("Unary", MethodType.UNARY);
  static final MethodDescriptor<byte[], byte[]> COLLECT =
      method("Collect", MethodType.CLIENT_STREAMING);
  static final MethodDescriptor<byte[], byte[]> EXPAND =
      method("Expand", MethodType.SERVER_STREAMING);
  static final MethodDescriptor<byte[], byte[]> CHAT = method("Chat", MethodType.BIDI_STREAMING);

  /** Settings of either side; what is zero stays as grpc-java has it. */
  static final class Settings {
    int maxStreams;
    long maxAgeMs;
    long keepaliveMs;
    int concurrency;
  }

  public static void main(String[] args) throws Exception {
    var settings = new Gson().fromJson(args[args.length - 1], Settings.class);
    if (args[0].equals("serve")) {
      EchoServer.serve(settings);
    } else {
      EchoClient.call(Integer.parseInt(args[1]), settings);
    }
    System.exit(0);
  }

  private static MethodDescriptor<byte[], byte[]> method(String name, MethodType type) {
    return MethodDescriptor.<byte[], byte[]>newBuilder(new Bytes(), new Bytes())
        .setFullMethodName(MethodDescriptor.generateFullMethodName(SERVICE, name))
        .setType(type)
        .build();
  }

  /** Passes messages on as they are on the wire. */
  private static final class Bytes implements MethodDescriptor.Marshaller<byte[]> {
    @Override
    public InputStream stream(byte[] value) {
      return new ByteArrayInputStream(value);
    }

    @Override
    public byte[] parse(InputStream stream) {
      try {
        return stream.readAllBytes();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }
}
