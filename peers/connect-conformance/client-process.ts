import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import type { Transport } from "@connectrpc/connect";
import pLimit from "p-limit";
import { makeCall } from "./client-call.ts";
import type { ClientRequest, Contract } from "./contract.ts";
import { readMessages, writeMessage } from "./framing.ts";

/** Calls at once: a test of deadlines sends two seconds, and must find the process less busy than that. */
const concurrency = 8;

/** Makes the calls that the suite asks for on standard input, and tells on standard output how each went. */
export async function runCalls(
  contract: Contract,
  createTransport: (request: ClientRequest) => Transport & { close(): void },
): Promise<void> {
  const limit = pLimit(concurrency);
  const calls: Promise<void>[] = [];
  for await (const bytes of readMessages(process.stdin)) {
    const request = fromBinary(contract.message("ClientCompatRequest"), bytes);
    calls.push(limit(() => runCall(contract, request, createTransport(request))));
  }
  await Promise.all(calls);
}

async function runCall(
  contract: Contract,
  request: ClientRequest,
  transport: Transport & { close(): void },
): Promise<void> {
  const schema = contract.message("ClientCompatResponse");
  const { testName } = request;
  const result = await makeCall(contract, transport, request).then(
    (value) => ({ case: "response" as const, value }),
    (reason: unknown) => ({ case: "error" as const, value: { message: String(reason) } }),
  );
  transport.close();
  writeMessage(process.stdout, toBinary(schema, create(schema, { testName, result })));
}
