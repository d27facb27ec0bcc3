"""Calls a method of the address given, and prints the status that grpcio decodes, as JSON."""

import json
import sys

import grpc

target, path, request = sys.argv[1:]
call = grpc.insecure_channel(target).unary_unary(path)
try:
    call(bytes.fromhex(request), timeout=10)
except grpc.RpcError as error:
    trailers = {
        name: value.hex() if isinstance(value, bytes) else value
        for name, value in (*error.initial_metadata(), *error.trailing_metadata())
    }
    print(json.dumps({"code": error.code().value[0], "text": error.details(), "metadata": trailers}))
