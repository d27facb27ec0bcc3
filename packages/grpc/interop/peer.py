"""gRPC's interoperability cases on grpcio.

python3 peer.py DESCRIPTORS server
    Prints its port, and serves until its input ends.
python3 peer.py DESCRIPTORS client PORT checking|trusting
    Runs the case named by each line of its input, and answers each with a line: "ok", or what went wrong.
    A checking server refuses uncompressed requests that claim to be compressed.

DESCRIPTORS is a FileDescriptorSet of the messages and services, in base64.
"""

import base64
import sys
import threading
import traceback
from concurrent import futures

import grpc
from google.protobuf import descriptor_pb2, message_factory

from client import Client


class Contract:
    """The messages by short name, and what grpcio has to know of each method."""

    def __init__(self, descriptors):
        files = descriptor_pb2.FileDescriptorSet.FromString(base64.b64decode(descriptors)).file
        self._messages = message_factory.GetMessages(files)
        self._services = {service.name: service for file in files for service in file.service}

    def __getattr__(self, name):
        return self._messages["grpc.testing." + name]

    def payload(self, size):
        return self.Payload(body=bytes(size))

    def methods(self, service):
        """Each method as its name, path, kind, and the types of its request and its reply."""
        for method in self._services[service].method:
            kind = "_".join(
                "stream" if streams else "unary"
                for streams in (method.client_streaming, method.server_streaming)
            )
            types = [self._messages[name[1:]] for name in (method.input_type, method.output_type)]
            yield method.name, f"/grpc.testing.{service}/{method.name}", kind, *types


class TestService:
    def __init__(self, contract):
        self.contract = contract

    def EmptyCall(self, _request, _context):
        return self.contract.Empty()

    def UnaryCall(self, request, context):
        if request.response_compressed.value:
            context.set_compression(grpc.Compression.Gzip)
        echo_metadata(context)
        abort_as_asked(request, context)
        return self.contract.SimpleResponse(payload=self.contract.payload(request.response_size))

    def StreamingInputCall(self, requests, _context):
        total = sum(len(request.payload.body) for request in requests)
        return self.contract.StreamingInputCallResponse(aggregated_payload_size=total)

    def StreamingOutputCall(self, request, context):
        if any(parameters.compressed.value for parameters in request.response_parameters):
            context.set_compression(grpc.Compression.Gzip)
        yield from self.replies(request, context)

    def FullDuplexCall(self, requests, context):
        echo_metadata(context)
        for request in requests:
            yield from self.replies(request, context)

    def replies(self, request, context):
        abort_as_asked(request, context)
        ended = threading.Event()
        if not context.add_callback(ended.set):
            return
        for parameters in request.response_parameters:
            if parameters.interval_us:
                assert context.time_remaining() < 60, "asked to sleep without a deadline"
                ended.wait(parameters.interval_us / 1e6)
            if not parameters.compressed.value:
                context.disable_next_message_compression()
            payload = self.contract.payload(parameters.size)
            yield self.contract.StreamingOutputCallResponse(payload=payload)


def echo_metadata(context):
    metadata = dict(context.invocation_metadata())
    initial, trailing = "x-grpc-test-echo-initial", "x-grpc-test-echo-trailing-bin"
    if initial in metadata:
        context.send_initial_metadata(((initial, metadata[initial]),))
    values = [value for key, value in context.invocation_metadata() if key == trailing]
    context.set_trailing_metadata(tuple((trailing, value) for value in values))


def abort_as_asked(request, context):
    status = request.response_status
    if status.code:
        codes = {code.value[0]: code for code in grpc.StatusCode}
        context.abort(codes[status.code], status.message)


def serve(contract):
    service = TestService(contract)
    handlers = {
        name: getattr(grpc, kind + "_rpc_method_handler")(
            getattr(service, name),
            request_deserializer=request.FromString,
            response_serializer=reply.SerializeToString,
        )
        for name, _path, kind, request, reply in contract.methods("TestService")
        if hasattr(service, name)
    }
    server = grpc.server(futures.ThreadPoolExecutor(max_workers=8))
    handler = grpc.method_handlers_generic_handler("grpc.testing.TestService", handlers)
    server.add_generic_rpc_handlers((handler,))
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    print(port, flush=True)
    sys.stdin.read()
    server.stop(None)


def call(contract, port, server):
    client = Client(contract, f"127.0.0.1:{port}", server == "checking")
    for line in sys.stdin:
        try:
            getattr(client, line.strip())()
            print("ok", flush=True)
        except Exception:
            print(" | ".join(traceback.format_exc().splitlines()), flush=True)


if __name__ == "__main__":
    if sys.argv[2] == "server":
        serve(Contract(sys.argv[1]))
    else:
        call(Contract(sys.argv[1]), *sys.argv[3:])
