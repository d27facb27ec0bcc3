import com.google.gson.Gson;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.InsecureChannelCredentials;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.netty.NettyChannelBuilder;
import java.io.BufferedReader;
import java.io.ByteArrayOutputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/** The client. */
final class EchoClient {
  private static final ScheduledExecutorService TIMER = Executors.newScheduledThreadPool(1);

  /** A call to make: see ../../README.md. */
  static final class Plan {
    int id;
    String kind;
    int count;
    int size;
    boolean gzip;
    boolean pingPong;
    long idleMs;
    long delayMs;
    long deadlineMs;
    Long cancelMs;
    int status;
    int early;
    String text;
    String bytes;
  }

  static final class Outcome {
    int id;
    int code;
    int messages;
    boolean intact = true;
    String detail;
  }

  static void call(int port, Echo.Settings settings) throws Exception {
    var builder =
        NettyChannelBuilder.forAddress("127.0.0.1", port, InsecureChannelCredentials.create());
    if (settings.keepaliveMs > 0) {
      builder.keepAliveTime(settings.keepaliveMs, TimeUnit.MILLISECONDS).keepAliveWithoutCalls(true);
    }
    var channel = builder.build();
    var gson = new Gson();
    int concurrency = Math.max(settings.concurrency, 1);
    var slots = new Semaphore(concurrency);
    var input = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    for (String line; (line = input.readLine()) != null; ) {
      var plan = gson.fromJson(line, Plan.class);
      slots.acquire();
      new Running(channel, plan, outcome -> {
            synchronized (System.out) {
              System.out.println(gson.toJson(outcome));
            }
            slots.release();
          })
          .start();
    }
    slots.acquire(concurrency);
  }

  interface Done {
    void accept(Outcome outcome);
  }

  private static final class Running extends ClientCall.Listener<byte[]> {
    private final Plan plan;
    private final Done done;
    private final byte[] message;
    private final Outcome outcome = new Outcome();
    private final ClientCall<byte[], byte[]> call;
    private final Metadata received = new Metadata();
    private final int requests;
    private int sent;
    private int replies;
    private boolean isWaiting;
    private boolean hasEnded;

    Running(Channel channel, Plan plan, Done done) {
      this.plan = plan;
      this.done = done;
      message = message(plan);
      outcome.id = plan.id;
      var method =
          switch (plan.kind) {
            case "unary" -> Echo.UNARY;
            case "collect" -> Echo.COLLECT;
            case "expand" -> Echo.EXPAND;
            default -> Echo.CHAT;
          };
      requests = plan.kind.equals("unary") || plan.kind.equals("expand") ? 1 : plan.count;
      var options = CallOptions.DEFAULT;
      if (plan.deadlineMs > 0) {
        options = options.withDeadlineAfter(plan.deadlineMs, TimeUnit.MILLISECONDS);
      }
      if (plan.gzip) options = options.withCompression("gzip");
      call = channel.newCall(method, options);
    }

    void start() {
      call.start(this, metadata(plan));
      call.request(Integer.MAX_VALUE);
      if (plan.cancelMs != null) {
        TIMER.schedule(this::cancel, plan.cancelMs, TimeUnit.MILLISECONDS);
      }
      send();
    }

    /** A call that is cancelled takes no more messages, though it has not ended yet. */
    private synchronized void cancel() {
      hasEnded = true;
      call.cancel("as planned", null);
    }

    /** Sends for as long as the call takes messages, and as the plan says. */
    private synchronized void send() {
      while (!hasEnded && !isWaiting && sent < requests && (sent == 0 || call.isReady())) {
        if (plan.pingPong && plan.kind.equals("chat") && sent > replies) return;
        call.sendMessage(message);
        sent++;
        if (plan.idleMs > 0) {
          isWaiting = true;
          TIMER.schedule(this::resume, plan.idleMs, TimeUnit.MILLISECONDS);
        }
      }
      if (!hasEnded && sent == requests && !isWaiting && plan.early == 0) {
        sent++;
        call.halfClose();
      }
    }

    private void resume() {
      synchronized (this) {
        isWaiting = false;
      }
      send();
    }

    @Override
    public void onReady() {
      send();
    }

    @Override
    public void onHeaders(Metadata headers) {
      received.merge(headers);
    }

    @Override
    public void onMessage(byte[] reply) {
      synchronized (this) {
        replies++;
        outcome.intact &= Arrays.equals(reply, message);
      }
      send();
    }

    @Override
    public void onClose(Status status, Metadata trailers) {
      synchronized (this) {
        hasEnded = true;
      }
      received.merge(trailers);
      outcome.code = status.getCode().value();
      outcome.detail = String.valueOf(status.getDescription());
      outcome.messages = replies;
      if (outcome.code == plan.status) {
        var bytes = Base64.getDecoder().decode(plan.bytes);
        outcome.intact &= plan.text.isEmpty() || plan.text.equals(received.get(EchoServer.TEXT));
        outcome.intact &=
            bytes.length == 0 || Arrays.equals(bytes, received.get(EchoServer.BYTES));
      }
      done.accept(outcome);
    }
  }

  private static Metadata metadata(Plan plan) {
    var metadata = new Metadata();
    put(metadata, "echo-delay-ms", plan.delayMs);
    put(metadata, "echo-count", plan.count);
    put(metadata, "echo-status", plan.status);
    put(metadata, "echo-early", plan.early);
    if (plan.gzip) put(metadata, "echo-gzip", 1);
    if (!plan.text.isEmpty()) metadata.put(EchoServer.TEXT, plan.text);
    if (!plan.bytes.isEmpty()) {
      metadata.put(EchoServer.BYTES, Base64.getDecoder().decode(plan.bytes));
    }
    return metadata;
  }

  private static void put(Metadata metadata, String name, long value) {
    metadata.put(
        Metadata.Key.of(name, Metadata.ASCII_STRING_MARSHALLER), Long.toString(value));
  }

  /** A google.protobuf.BytesValue: what it holds depends on the call, and compresses somewhat. */
  private static byte[] message(Plan plan) {
    var value = new ByteArrayOutputStream();
    if (plan.size == 0) return value.toByteArray();
    value.write(0x0a);
    int size = plan.size;
    for (; size >= 0x80; size >>= 7) value.write(size & 0x7f | 0x80);
    value.write(size);
    for (int index = 0; index < plan.size; index++) value.write((plan.id + index) * 7 % 251);
    return value.toByteArray();
  }
}
