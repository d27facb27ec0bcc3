"""The server: the messages are passed on as they are on the wire."""

import sys
import threading
from concurrent import futures

import grpc

SERVICE = "plaza.interop.v1.EchoService"
CODES = {code.value[0]: code for code in grpc.StatusCode}


def serve(settings):
    options = []
    if settings.get("maxStreams"):
        options.append(("grpc.max_concurrent_streams", settings["maxStreams"]))
    if settings.get("maxAgeMs"):
        options.append(("grpc.max_connection_age_ms", settings["maxAgeMs"]))
    if settings.get("keepaliveMs"):
        options += [
            ("grpc.keepalive_time_ms", settings["keepaliveMs"]),
            ("grpc.keepalive_permit_without_calls", 1),
            ("grpc.http2.min_recv_ping_interval_without_data_ms", settings["keepaliveMs"] // 2),
            ("grpc.http2.max_pings_without_data", 0),
        ]
    # A call that waits holds a thread.
    server = grpc.server(futures.ThreadPoolExecutor(max_workers=256), options=options)
    handlers = {
        "Unary": grpc.unary_unary_rpc_method_handler(unary),
        "Collect": grpc.stream_unary_rpc_method_handler(collect),
        "Expand": grpc.unary_stream_rpc_method_handler(expand),
        "Chat": grpc.stream_stream_rpc_method_handler(chat),
    }
    server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler(SERVICE, handlers),))
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    print(port, flush=True)
    sys.stdin.read()
    server.stop(None)


class Wish:
    """What a request's metadata asks for."""

    def __init__(self, context):
        given = dict(context.invocation_metadata())
        self.context = context
        self.delay = int(given.get("echo-delay-ms", 0)) / 1000
        self.count = int(given.get("echo-count", 0))
        self.early = int(given.get("echo-early", 0))
        self.code = int(given.get("echo-status", 0))
        if "echo-gzip" in given:
            context.set_compression(grpc.Compression.Gzip)
        if "echo-text" in given:
            context.send_initial_metadata((("echo-text", given["echo-text"]),))
        if "echo-bytes-bin" in given:
            context.set_trailing_metadata((("echo-bytes-bin", given["echo-bytes-bin"]),))
        if self.delay:
            ended = threading.Event()
            if context.add_callback(ended.set):
                ended.wait(self.delay)

    def end(self):
        if self.code:
            self.context.abort(CODES[self.code], "as asked")


def unary(request, context):
    Wish(context).end()
    return request


def collect(requests, context):
    wish = Wish(context)
    last = b""
    for request in requests:
        last = request
    wish.end()
    return last


def expand(request, context):
    wish = Wish(context)
    for _ in range(wish.count):
        yield request
    wish.end()


def chat(requests, context):
    wish = Wish(context)
    sent = 0
    while not wish.early or sent < wish.early:
        request = next(requests, None)
        if request is None:
            break
        yield request
        sent += 1
    wish.end()
