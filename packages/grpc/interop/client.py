"""The client's half of gRPC's interoperability cases on grpcio: a method for each case."""

import threading
import time
from concurrent import futures

import grpc

REQUEST_SIZES = (27182, 8, 1828, 45904)
REPLY_SIZES = (31415, 9, 2653, 58979)
SMALL_MESSAGES = 20000
CALLERS = 6
DEADLINES_PER_CALLER = 40
ONLY_IDENTITY = (("grpc.compression_enabled_algorithms_bitset", 1),)


class Stub:
    """The methods of a service as callables, by name."""

    def __init__(self, channel, methods):
        for name, path, kind, request, reply in methods:
            codec = (request.SerializeToString, reply.FromString)
            setattr(self, name, getattr(channel, kind)(path, *codec))


class Client:
    def __init__(self, contract, target, server_checks):
        self.contract = contract
        self.server_checks = server_checks
        plain = grpc.insecure_channel(target, options=ONLY_IDENTITY)
        gzip = grpc.insecure_channel(target, compression=grpc.Compression.Gzip)
        self.plain = Stub(plain, contract.methods("TestService"))
        self.gzip = Stub(gzip, contract.methods("TestService"))
        self.unserved = Stub(plain, contract.methods("UnimplementedService"))

    def simple(self, **fields):
        return self.contract.SimpleRequest(payload=self.contract.payload(271828), **fields)

    def output(self, *sizes, **fields):
        parameters = [self.contract.ResponseParameters(size=size) for size in sizes]
        request = self.contract.StreamingOutputCallRequest
        return request(response_parameters=parameters, **fields)

    def input(self, size, **fields):
        payload = self.contract.payload(size)
        return self.contract.StreamingInputCallRequest(payload=payload, **fields)

    def assert_refused(self, call):
        if self.server_checks:
            assert_status(call, grpc.StatusCode.INVALID_ARGUMENT)

    def empty_unary(self):
        assert self.plain.EmptyCall(self.contract.Empty()) == self.contract.Empty()

    def large_unary(self):
        assert_zeros(self.plain.UnaryCall(self.simple(response_size=314159)), 314159)

    def client_streaming(self):
        reply = self.plain.StreamingInputCall(self.input(size) for size in REQUEST_SIZES)
        assert reply.aggregated_payload_size == 74922, reply

    def server_streaming(self):
        replies = self.plain.StreamingOutputCall(self.output(*REPLY_SIZES))
        for reply, size in zip(replies, REPLY_SIZES, strict=True):
            assert_zeros(reply, size)

    def ping_pong(self):
        answered = threading.Semaphore(0)

        def requests():
            for size, reply_size in zip(REQUEST_SIZES, REPLY_SIZES):
                yield self.output(reply_size, payload=self.contract.payload(size))
                answered.acquire()
        sizes = []
        for reply in self.plain.FullDuplexCall(requests()):
            sizes.append(len(reply.payload.body))
            answered.release()
        assert tuple(sizes) == REPLY_SIZES, sizes

    def empty_stream(self):
        assert list(self.plain.FullDuplexCall(iter(()))) == []

    def custom_metadata(self):
        initial = ("x-grpc-test-echo-initial", "test_initial_metadata_value")
        trailing = ("x-grpc-test-echo-trailing-bin", b"\xab\xab\xab")
        metadata = (initial, trailing)
        large = self.simple(response_size=314159)
        _, unary = self.plain.UnaryCall.with_call(large, metadata=metadata)
        request = self.output(314159, payload=self.contract.payload(271828))
        duplex = self.plain.FullDuplexCall(iter((request,)), metadata=metadata)
        assert len(list(duplex)) == 1
        for call in (unary, duplex):
            assert initial in map(tuple, call.initial_metadata()), call.initial_metadata()
            assert trailing in map(tuple, call.trailing_metadata()), call.trailing_metadata()

    def binary_metadata_list(self):
        values = (b"\xab", b"\xcd\xce")
        metadata = tuple(("x-grpc-test-echo-trailing-bin", value) for value in values)
        _, call = self.plain.UnaryCall.with_call(self.simple(response_size=1), metadata=metadata)
        assert tuple(map(tuple, call.trailing_metadata())) == metadata, call.trailing_metadata()

    def small_messages(self):
        answered = threading.Semaphore(0)

        def requests():
            for _ in range(SMALL_MESSAGES):
                yield self.output(20, payload=self.contract.payload(20))
                answered.acquire()
        received = 0
        for reply in self.plain.FullDuplexCall(requests()):
            assert len(reply.payload.body) == 20
            received += 1
            answered.release()
        assert received == SMALL_MESSAGES, received

    def deadlines_beside_calls(self):
        done = threading.Event()

        def others():
            while not done.is_set():
                self.empty_unary()

        def caller(_):
            for turn in range(DEADLINES_PER_CALLER):
                request = self.output(1)
                request.response_parameters[0].interval_us = 20_000_000
                call = self.plain.StreamingOutputCall(request, timeout=0.005 + turn % 5 / 1000)
                assert_status(lambda: next(call), grpc.StatusCode.DEADLINE_EXCEEDED)

        with futures.ThreadPoolExecutor(CALLERS + 1) as pool:
            other = pool.submit(others)
            try:
                list(pool.map(caller, range(CALLERS)))
            finally:
                done.set()
            other.result()

    def cancel_after_begin(self):
        for delay in (0, 0.05):
            ended = threading.Event()
            call = self.plain.StreamingInputCall.future(none_until(ended))
            time.sleep(delay)
            call.cancel()
            assert call.code() == grpc.StatusCode.CANCELLED, call.code()
            ended.set()

    def cancel_after_first_response(self):
        ended = threading.Event()

        def requests():
            yield self.output(31415, payload=self.contract.payload(27182))
            yield from none_until(ended)

        call = self.plain.FullDuplexCall(requests())
        assert_zeros(next(call), 31415)
        call.cancel()
        assert_status(lambda: next(call), grpc.StatusCode.CANCELLED)
        ended.set()

    def timeout_on_sleeping_server(self):
        for timeout in (0.001, 0.1):
            ended = threading.Event()

            def requests():
                request = self.output(31415, payload=self.contract.payload(27182))
                request.response_parameters[0].interval_us = 20_000_000
                yield request
                yield from none_until(ended)

            call = self.plain.FullDuplexCall(requests(), timeout=timeout)
            assert_status(lambda: next(call), grpc.StatusCode.DEADLINE_EXCEEDED)
            ended.set()

    def status_code_and_message(self):
        message = "test status message"
        status = {"code": 2, "message": message}
        unary = self.contract.SimpleRequest(response_status=status)
        assert_status(lambda: self.plain.UnaryCall(unary), grpc.StatusCode.UNKNOWN, message)
        duplex = self.output(response_status=status)
        replies = self.plain.FullDuplexCall(iter((duplex,)))
        assert_status(lambda: next(replies), grpc.StatusCode.UNKNOWN, message)

    def special_status_message(self):
        message = "\t\ntest with whitespace\r\nand Unicode BMP ☺ and non-BMP 😈\t\n"
        status = {"code": 2, "message": message}
        request = self.contract.SimpleRequest(response_status=status)
        assert_status(lambda: self.plain.UnaryCall(request), grpc.StatusCode.UNKNOWN, message)

    def unimplemented_method(self):
        assert_unimplemented(self.plain.UnimplementedCall, self.contract.Empty())

    def unimplemented_service(self):
        assert_unimplemented(self.unserved.UnimplementedCall, self.contract.Empty())

    def client_compressed_unary(self):
        expected = self.simple(response_size=314159, expect_compressed={"value": True})
        self.assert_refused(lambda: self.plain.UnaryCall(expected))
        assert_zeros(self.gzip.UnaryCall(expected), 314159)
        plain = self.simple(response_size=314159, expect_compressed={"value": False})
        assert_zeros(self.plain.UnaryCall(plain), 314159)

    def client_compressed_streaming(self):
        first = self.input(27182, expect_compressed={"value": True})
        self.assert_refused(lambda: self.plain.StreamingInputCall(iter((first,))))
        second = self.input(45904, expect_compressed={"value": False})
        reply = self.gzip.StreamingInputCall(iter((first, second)))
        assert reply.aggregated_payload_size == 73086, reply

    def server_compressed_unary(self):
        for stub, compressed in ((self.gzip, True), (self.plain, False)):
            flag = {"value": compressed}
            request = self.simple(response_size=314159, response_compressed=flag)
            assert_zeros(stub.UnaryCall(request), 314159)

    def server_compressed_streaming(self):
        for stub, compressed in ((self.gzip, True), (self.plain, False)):
            request = self.output(31415, 92653)
            request.response_parameters[0].compressed.value = compressed
            request.response_parameters[1].compressed.value = False
            first, second = stub.StreamingOutputCall(request)
            assert_zeros(first, 31415)
            assert_zeros(second, 92653)


def none_until(ended):
    """Requests that do not come: the call stays open for as long as the client does not end it."""
    ended.wait()
    yield from ()


def assert_zeros(reply, size):
    assert reply.payload.body == bytes(size), len(reply.payload.body)


def assert_unimplemented(method, request):
    assert_status(lambda: method(request), grpc.StatusCode.UNIMPLEMENTED)


def assert_status(call, code, message=None):
    try:
        call()
    except grpc.RpcError as error:
        assert error.code() == code, error
        assert message is None or error.details() == message, error
    else:
        raise AssertionError("the call succeeded")
