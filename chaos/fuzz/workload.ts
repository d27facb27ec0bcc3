import { Code } from "@connectrpc/connect";
import fc from "fast-check";
import { contracts } from "../../test/base/contracts.ts";
import type { SingleRequestMethod } from "../../test/base/protocol-clients.ts";
import type { FuzzCallers } from "./callers.ts";
import { findFailure } from "./checker.ts";
import { forEachConcurrent } from "./for-each-concurrent.ts";
import { arbitraryRestRequest, arbitraryRpcRequest, type FuzzRequest } from "./requests.ts";
import type { FuzzSender } from "./sender.ts";

/** How many random inputs for each target, and from which seed. */
export type FuzzScale = { readonly n: number; readonly seed: number };

/** Result of the run. */
export type FuzzWorkloadResult = {
  /** RPCs and REST routes. */
  readonly targets: number;
  readonly inputs: number;
  /** Responses that a correct server never gives, with their inputs. */
  readonly failures: readonly string[];
  /** How often each outcome came, by protocol: a fuzzer that only gets refusals proves little. */
  readonly outcomes: Readonly<Record<string, number>>;
};

const concurrency = 8;
const callerCheckInterval = 60;

/** Sends random requests to every RPC and every REST route: anonymously, as a member and as an admin in turn. */
export async function runWorkload(
  sender: FuzzSender,
  callers: FuzzCallers,
  { n, seed }: FuzzScale,
  log: (line: string) => void,
): Promise<FuzzWorkloadResult> {
  const failures: string[] = [];
  const outcomes: Record<string, number> = {};
  let inputs = 0;
  let targets = 0;
  const sendOne = async (request: FuzzRequest, turn: number): Promise<void> => {
    if (turn % callerCheckInterval === 0) await callers.replaceInvalid();
    const caller = callers.callerOf(turn);
    const authorization = caller && { authorization: `Bearer ${caller.accessToken}` };
    // Each from its own address, so that login throttling does not interfere.
    const address = `10.${turn & 255}.${(turn >> 8) & 255}.${Math.floor(Math.random() * 255)}`;
    try {
      const response = await sender.send(request, { ...authorization, "x-forwarded-for": address });
      const failure = findFailure(request, response);
      if (failure) failures.push(`${describeRequest(request)}: ${failure}`);
      const { code, httpStatus } = response;
      const outcome = `${request.protocol} ${code ? Code[code] : httpStatus}`;
      outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
    } catch (error) {
      failures.push(`${describeRequest(request)}: no response: ${error}`);
    }
  };
  const methods = contracts.flatMap((contract) => contract.methods) as SingleRequestMethod[];
  for (const method of methods) {
    for (const arbitrary of [
      arbitraryRpcRequest(method, callers.knownValues),
      arbitraryRestRequest(method, callers.knownValues),
    ]) {
      if (!arbitrary) continue;
      targets += 1;
      const sample = fc.sample(arbitrary, { numRuns: n, seed: seed + targets });
      inputs += sample.length;
      await forEachConcurrent(sample, concurrency, sendOne);
    }
    log(`${method.name}: ${inputs} inputs so far, ${failures.length} failures`);
  }
  return { targets, inputs, failures, outcomes };
}

function describeRequest({ protocol, httpMethod, path, contentType, body }: FuzzRequest): string {
  const bytes = Buffer.from(body.subarray(0, 400)).toString("base64");
  return `${protocol} ${httpMethod} ${path.slice(0, 400)} ${contentType} base64:${bytes}`;
}
