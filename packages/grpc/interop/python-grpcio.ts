import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { create, toBinary } from "@bufbuild/protobuf";
import { FileDescriptorSetSchema } from "@bufbuild/protobuf/wkt";
import { file_grpc_testing_messages } from "../gen/grpc/testing/messages_pb.ts";
import { file_grpc_testing_test } from "../gen/grpc/testing/test_pb.ts";
import type { CaseName } from "./cases.ts";
import type { GrpcImplementation } from "./implementation.ts";
import type { ServerTraits } from "./interop-case.ts";
import type { ObservedEncoding, RecordingRelay } from "./recording-relay.ts";

const peerScriptPath = fileURLToPath(new URL("./peer.py", import.meta.url));

/** The first Python with grpcio: Debian's own may come after another one in PATH. */
const pythonPath = ["python3", "/usr/bin/python3"].find(
  (path) => spawnSync(path, ["-c", "import grpc, google.protobuf"]).status === 0,
);

/** Google's gRPC core in C, through Python. */
export const pythonImplementation: GrpcImplementation = {
  name: "python3-grpcio",
  skip: pythonPath
    ? false
    : "no grpcio for Python: apt-get install python3-grpcio python3-protobuf",
  unsupportedServerCases: {},
  async serve() {
    const peer = startPeer("server");
    return {
      port: Number(await peer.line()),
      traits: { compressesPerMessage: true, checksCompression: false },
      runningCalls: undefined,
      close: peer.close,
    };
  },
  async connect(port, server) {
    const peer = startPeer(
      "client",
      String(port),
      server.checksCompression ? "checking" : "trusting",
    );
    const run = async (name: CaseName, wire: RecordingRelay) => {
      peer.write(name);
      assert.equal(await peer.line(), "ok");
      assertCompression(name, server, wire);
    };
    return { run, close: peer.close };
  },
};

/** What the wire must show, besides what the Python of the case asserts. */
function assertCompression(name: CaseName, server: ServerTraits, wire: RecordingRelay) {
  const mixed: ObservedEncoding = server.compressesPerMessage ? "plain" : "gzip";
  const refused: ObservedEncoding[] = server.checksCompression ? ["plain"] : [];
  if (name === "client_compressed_unary") {
    assert.deepEqual(wire.takeEncodings("request"), [...refused, "gzip", "plain"]);
  }
  if (name === "client_compressed_streaming") {
    assert.deepEqual(wire.takeEncodings("request"), [...refused, "gzip", "gzip"]);
  }
  if (name === "server_compressed_unary")
    assert.deepEqual(wire.takeEncodings("reply"), ["gzip", "plain"]);
  if (name === "server_compressed_streaming") {
    assert.deepEqual(wire.takeEncodings("reply"), ["gzip", mixed, "plain", "plain"]);
  }
}

/** A Python process that reads commands line by line, and exits at the end of its input. */
function startPeer(...args: string[]) {
  const files = [file_grpc_testing_messages.proto, file_grpc_testing_test.proto];
  const descriptors = toBinary(
    FileDescriptorSetSchema,
    create(FileDescriptorSetSchema, { file: files }),
  );
  const child = spawn(
    pythonPath ?? "python3",
    ["-B", peerScriptPath, Buffer.from(descriptors).toString("base64"), ...args],
    { stdio: ["pipe", "pipe", "inherit"] },
  );
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
  return {
    write: (line: string) => child.stdin.write(`${line}\n`),
    line: async () => {
      const { value, done } = await lines.next();
      if (done) throw new Error("the Python peer ended");
      return value;
    },
    close: async () => {
      child.stdin.end();
      if (child.exitCode === null) await once(child, "exit");
    },
  };
}
