// The program of the target process: a server or a client under the fuzzer's control.
import { setTimeout as sleep } from "node:timers/promises";
import { type Client, Code, ConnectError, createClient } from "@connectrpc/connect";
import { TestService } from "../gen/grpc/testing/test_pb.ts";
import { Http2Connection } from "../http2/connection.ts";
import { createServer, type Server } from "../server.ts";
import { createGrpcTransport, type GrpcTransport } from "../transport.ts";
import { type CallLoad, startCallLoad } from "./callers.ts";
import { fuzzService } from "./fuzz-service.ts";
import { type SeededFault, seededFaults } from "./seeded-faults.ts";
import type { TargetReply, TargetRequest } from "./target-protocol.ts";

const maxAttempts = 3;
const faults: string[] = [];
const recordFault = (fault: string): void => {
  if (faults.length < 20) faults.push(fault);
};
process.on("uncaughtException", (error) => recordFault(`crash: uncaught ${error.stack}`));
process.on("unhandledRejection", (reason) => {
  recordFault(`crash: unhandled ${reason instanceof Error ? reason.stack : reason}`);
});
process.on("message", (request: TargetRequest) => {
  void performSafely(request);
});

let server: Server | undefined;
let transport: GrpcTransport | undefined;
let client: Client<typeof TestService> | undefined;
let callLoad: CallLoad | undefined;

seededFaults[process.argv[2] as SeededFault]?.();

// The peer learns only that there was an internal error.
const { fail } = Http2Connection.prototype;
Http2Connection.prototype.fail = function (code, message, cause) {
  if (cause instanceof Error) recordFault(`bug: ${cause.stack}`);
  fail.call(this, code, message, cause);
};

async function performSafely(request: TargetRequest): Promise<void> {
  const value = await perform(request).catch((error: unknown) => {
    recordFault(`broken: ${request.ask} fails: ${error}`);
    return 0;
  });
  process.send?.({ value, faults: faults.splice(0) } satisfies TargetReply);
}

async function perform(request: TargetRequest): Promise<number> {
  switch (request.ask) {
    case "serve":
      server = createServer({ routes: (router) => router.service(TestService, fuzzService) });
      await server.listen({ port: 0 });
      return server.port;
    case "connect":
      transport = createGrpcTransport({ address: `http://127.0.0.1:${request.port}` });
      client = createClient(TestService, transport);
      return 0;
    case "call":
      if (client) callLoad = startCallLoad(client, { ...request, onFault: recordFault });
      return 0;
    case "pause":
      await callLoad?.stop();
      return callLoad?.outcomes.succeeded ?? 0;
    case "callOnce":
      await callOnce();
      return 0;
    case "measure":
      return measure();
    case "close":
      transport?.close();
      await server?.close();
      process.disconnect?.();
      return 0;
  }
}

/** Makes a call, which succeeds unless the client is broken. */
async function callOnce(): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      await client?.emptyCall({}, { timeoutMs: 5_000 });
      return;
    } catch (error) {
      // The fuzzer has disconnected, but the client may not know yet, and send the call on that connection.
      const isLost = ConnectError.from(error).code === Code.Unavailable;
      if (!isLost || attempt === maxAttempts) throw error;
    }
  }
}

/** Bytes in use after all connections are closed. */
async function measure(): Promise<number> {
  const until = performance.now() + 5_000;
  while (server && server.connectionCount > 0 && performance.now() < until) await sleep(10);
  if (server && server.connectionCount > 0)
    recordFault(`leak: ${server.connectionCount} connections stay open`);
  for (let turn = 0; turn < 4; turn++) {
    globalThis.gc?.();
    await sleep(20);
  }
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}
