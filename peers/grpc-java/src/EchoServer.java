import io.grpc.ForwardingServerCall.SimpleForwardingServerCall;
import io.grpc.Grpc;
import io.grpc.InsecureServerCredentials;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.ServerInterceptors;
import io.grpc.ServerServiceDefinition;
import io.grpc.Status;
import io.grpc.Context;
import io.grpc.Contexts;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.ServerCalls;
import io.grpc.stub.StreamObserver;
import java.net.InetSocketAddress;
import java.util.ArrayDeque;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/** The server. */
final class EchoServer {
  static final Metadata.Key<String> TEXT =
      Metadata.Key.of("echo-text", Metadata.ASCII_STRING_MARSHALLER);
  static final Metadata.Key<byte[]> BYTES =
      Metadata.Key.of("echo-bytes-bin", Metadata.BINARY_BYTE_MARSHALLER);
  static final Context.Key<Metadata> REQUEST = Context.key("request");
  private static final ScheduledExecutorService TIMER = Executors.newScheduledThreadPool(1);

  static void serve(Echo.Settings settings) throws Exception {
    var service =
        ServerServiceDefinition.builder(Echo.SERVICE)
            .addMethod(Echo.UNARY, ServerCalls.asyncUnaryCall(EchoServer::one))
            .addMethod(Echo.EXPAND, ServerCalls.asyncServerStreamingCall(EchoServer::expand))
            .addMethod(Echo.COLLECT, ServerCalls.asyncClientStreamingCall(o -> new Each(o, false)))
            .addMethod(Echo.CHAT, ServerCalls.asyncBidiStreamingCall(o -> new Each(o, true)))
            .build();
    var builder =
        NettyServerBuilder.forAddress(
                new InetSocketAddress("127.0.0.1", 0), InsecureServerCredentials.create())
            .addService(ServerInterceptors.intercept(service, new EchoMetadata()));
    if (settings.maxStreams > 0) builder.maxConcurrentCallsPerConnection(settings.maxStreams);
    if (settings.maxAgeMs > 0) builder.maxConnectionAge(settings.maxAgeMs, TimeUnit.MILLISECONDS);
    if (settings.keepaliveMs > 0) {
      builder
          .keepAliveTime(settings.keepaliveMs, TimeUnit.MILLISECONDS)
          .permitKeepAliveTime(settings.keepaliveMs / 2, TimeUnit.MILLISECONDS)
          .permitKeepAliveWithoutCalls(true);
    }
    var server = builder.build().start();
    System.out.println(server.getPort());
    System.in.readAllBytes();
    server.shutdownNow();
  }

  private static int number(String name) {
    var value = REQUEST.get().get(Metadata.Key.of(name, Metadata.ASCII_STRING_MARSHALLER));
    return value == null ? 0 : Integer.parseInt(value);
  }

  /** Runs the answer when the request says, unless the call has ended by then. */
  private static void later(StreamObserver<byte[]> observer, Runnable answer) {
    var call = (ServerCallStreamObserver<byte[]>) observer;
    var context = Context.current();
    Runnable guarded =
        () -> {
          if (!call.isCancelled()) answer.run();
        };
    TIMER.schedule(context.wrap(guarded), number("echo-delay-ms"), TimeUnit.MILLISECONDS);
  }

  private static void end(StreamObserver<byte[]> observer) {
    var code = number("echo-status");
    if (code == 0) observer.onCompleted();
    else observer.onError(Status.fromCodeValue(code).withDescription("as asked").asException());
  }

  private static void one(byte[] message, StreamObserver<byte[]> observer) {
    ignoreCancel(observer);
    later(observer, () -> answerOnce(message, observer));
  }

  private static void answerOnce(byte[] message, StreamObserver<byte[]> observer) {
    if (number("echo-status") == 0) observer.onNext(message);
    end(observer);
  }

  private static void expand(byte[] message, StreamObserver<byte[]> observer) {
    ignoreCancel(observer);
    later(
        observer,
        () -> {
          for (int sent = 0; sent < number("echo-count"); sent++) observer.onNext(message);
          end(observer);
        });
  }

  /** So that a message to a call that has ended is dropped, not thrown. */
  private static void ignoreCancel(StreamObserver<byte[]> observer) {
    ((ServerCallStreamObserver<byte[]>) observer).setOnCancelHandler(() -> {});
  }

  /** Answers each request, or the last one; the requests that come before the delay has passed wait. */
  private static final class Each implements StreamObserver<byte[]> {
    private final StreamObserver<byte[]> observer;
    private final boolean answersEach;
    private final int early = number("echo-early");
    private final Context context = Context.current();
    private final ArrayDeque<Runnable> waiting = new ArrayDeque<>();
    private boolean hasBegun;
    private boolean hasEnded;
    private int sent;
    private byte[] last = {};

    Each(StreamObserver<byte[]> observer, boolean answersEach) {
      this.observer = observer;
      this.answersEach = answersEach;
      ignoreCancel(observer);
      if (number("echo-delay-ms") == 0) hasBegun = true;
      else later(observer, this::begin);
    }

    private synchronized void begin() {
      hasBegun = true;
      waiting.forEach(Runnable::run);
    }

    private synchronized void inTurn(Runnable step) {
      if (hasBegun) step.run();
      else waiting.add(step);
    }

    @Override
    public void onNext(byte[] message) {
      inTurn(context.wrap(() -> receive(message)));
    }

    private void receive(byte[] message) {
      last = message;
      if (!answersEach || hasEnded) return;
      observer.onNext(message);
      sent++;
      if (sent == early) finish();
    }

    private void finish() {
      hasEnded = true;
      end(observer);
    }

    @Override
    public void onCompleted() {
      inTurn(
          context.wrap(
              () -> {
                if (hasEnded) return;
                if (answersEach) finish();
                else answerOnce(last, observer);
              }));
    }

    @Override
    public void onError(Throwable cause) {}
  }

  /** Answers metadata, and makes that of the request known to the handlers. */
  private static final class EchoMetadata implements ServerInterceptor {
    @Override
    public <A, B> ServerCall.Listener<A> interceptCall(
        ServerCall<A, B> call, Metadata request, ServerCallHandler<A, B> next) {
      if (request.containsKey(Metadata.Key.of("echo-gzip", Metadata.ASCII_STRING_MARSHALLER))) {
        call.setCompression("gzip");
      }
      var answering =
          new SimpleForwardingServerCall<A, B>(call) {
            private boolean hasHeaders;

            @Override
            public void sendHeaders(Metadata headers) {
              hasHeaders = true;
              copy(TEXT, request, headers);
              super.sendHeaders(headers);
            }

            @Override
            public void close(Status status, Metadata trailers) {
              if (!hasHeaders) copy(TEXT, request, trailers);
              copy(BYTES, request, trailers);
              super.close(status, trailers);
            }
          };
      return Contexts.interceptCall(
          Context.current().withValue(REQUEST, request), answering, request, next);
    }

    private static <T> void copy(Metadata.Key<T> key, Metadata from, Metadata to) {
      var value = from.get(key);
      if (value != null) to.put(key, value);
    }
  }
}
