"""The client: makes the calls of its input, and prints how each went."""

import base64
import json
import sys
import threading
import time
from concurrent import futures

import grpc

from serve import SERVICE

KINDS = {
    "unary": ("Unary", "unary_unary"),
    "collect": ("Collect", "stream_unary"),
    "expand": ("Expand", "unary_stream"),
    "chat": ("Chat", "stream_stream"),
}


def call(port, settings):
    options = []
    if settings.get("keepaliveMs"):
        options += [
            ("grpc.keepalive_time_ms", settings["keepaliveMs"]),
            ("grpc.keepalive_permit_without_calls", 1),
            ("grpc.http2.max_pings_without_data", 0),
        ]
    channel = grpc.insecure_channel(f"127.0.0.1:{port}", options=options)
    lock = threading.Lock()
    slots = threading.Semaphore(settings.get("concurrency") or 1)

    def run(plan):
        try:
            outcome = Call(channel, plan).outcome()
        except Exception as error:  # What the library should not do is an outcome too.
            outcome = {"id": plan["id"], "code": -1, "messages": 0, "intact": False, "detail": repr(error)}
        with lock:
            print(json.dumps(outcome), flush=True)
        slots.release()

    with futures.ThreadPoolExecutor(max_workers=settings.get("concurrency") or 1) as pool:
        for line in sys.stdin:
            slots.acquire()
            pool.submit(run, json.loads(line))


class Call:
    def __init__(self, channel, plan):
        self.plan = plan
        self.ended = threading.Event()
        self.turns = threading.Semaphore(0)
        self.message = message_of(plan)
        name, kind = KINDS[plan["kind"]]
        method = getattr(channel, kind)(f"/{SERVICE}/{name}")
        options = {
            "metadata": metadata_of(plan),
            "timeout": plan["deadlineMs"] / 1000 if plan["deadlineMs"] else None,
            "compression": grpc.Compression.Gzip if plan["gzip"] else None,
        }
        self.has_one_reply = kind.endswith("_unary")
        start = method.future if self.has_one_reply else method
        self.call = start(self.requests() if kind.startswith("stream") else self.message, **options)
        self.timer = None
        if plan["cancelMs"] is not None:
            self.timer = threading.Timer(plan["cancelMs"] / 1000, self.call.cancel)
            self.timer.start()

    def requests(self):
        for _ in range(self.plan["count"]):
            yield self.message
            if self.plan["idleMs"] and self.ended.wait(self.plan["idleMs"] / 1000):
                return
            if self.plan["kind"] == "chat" and self.plan["pingPong"]:
                self.turns.acquire()
                if self.ended.is_set():
                    return
        if self.plan["early"]:
            self.ended.wait()

    def outcome(self):
        plan = self.plan
        replies = 0
        intact = True
        try:
            for reply in [self.call.result()] if self.has_one_reply else self.call:
                replies += 1
                intact = intact and reply == self.message
                self.turns.release()
        except (grpc.RpcError, grpc.FutureCancelledError):
            pass
        finally:
            self.ended.set()
            self.turns.release()
            if self.timer:
                self.timer.cancel()
        code = self.call.code().value[0]
        if code == plan["status"]:
            received = [*(self.call.initial_metadata() or ()), *(self.call.trailing_metadata() or ())]
            values = {name: value for name, value in received}
            given = base64.b64decode(plan["bytes"])
            if plan["text"] and values.get("echo-text") != plan["text"]:
                intact = False
            if given and values.get("echo-bytes-bin") != given:
                intact = False
        detail = self.call.details() or ""
        return {"id": plan["id"], "code": code, "messages": replies, "intact": intact, "detail": detail}


def metadata_of(plan):
    metadata = [
        ("echo-delay-ms", str(plan["delayMs"])),
        ("echo-count", str(plan["count"])),
        ("echo-status", str(plan["status"])),
        ("echo-early", str(plan["early"])),
    ]
    if plan["gzip"]:
        metadata.append(("echo-gzip", "1"))
    if plan["text"]:
        metadata.append(("echo-text", plan["text"]))
    if plan["bytes"]:
        metadata.append(("echo-bytes-bin", base64.b64decode(plan["bytes"])))
    return metadata


def message_of(plan):
    """A google.protobuf.BytesValue: what it holds depends on the call, and compresses somewhat."""
    size = plan["size"]
    if size == 0:
        return b""
    head = bytearray(b"\x0a")
    rest = size
    while rest >= 0x80:
        head.append(rest & 0x7F | 0x80)
        rest >>= 7
    head.append(rest)
    pattern = bytes((plan["id"] + index) * 7 % 251 for index in range(251))
    return bytes(head) + (pattern * (size // 251 + 1))[:size]
