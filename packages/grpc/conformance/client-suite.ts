import assert from "node:assert/strict";
import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { Code, ConnectError } from "@connectrpc/connect";
import { settings, settingsAck } from "../testing/frames.ts";
import { wholeResponse } from "../testing/messages.ts";
import { type PeerOptions, RawPeer } from "../testing/peer.ts";
import {
  endsStream,
  playScript,
  requestArrives,
  type ScriptStep,
  settingsAcknowledged,
  settingsArrive,
} from "../testing/script.ts";
import type { ClientCase, ExpectedOutcome, TestServiceClient } from "./client-case.ts";
import { clientControlCases } from "./client-control-cases.ts";
import { clientFlowCases } from "./client-flow-cases.ts";
import { clientFrameCases } from "./client-frame-cases.ts";
import { clientFramingCases } from "./client-framing-cases.ts";
import { clientHpackCases } from "./client-hpack-cases.ts";
import { clientMessageCases } from "./client-message-cases.ts";
import { clientSettingsCases } from "./client-settings-cases.ts";
import { clientStreamCases } from "./client-stream-cases.ts";

/** Every case for a client. */
export const clientCases: readonly ClientCase[] = [
  ...clientFramingCases,
  ...clientStreamCases,
  ...clientFrameCases,
  ...clientSettingsCases,
  ...clientControlCases,
  ...clientFlowCases,
  ...clientMessageCases,
  ...clientHpackCases,
];

const handshakeSteps: readonly ScriptStep[] = [
  settingsArrive,
  settingsAck,
  settingsAcknowledged,
  requestArrives(1),
];
const failureCodes: readonly Code[] = [Code.Internal, Code.Unavailable, Code.Unknown];

/**
 * Runs a case against a client of a new address. Only the first connection follows the case; on
 * every other all calls succeed. Throws when the client does not do what it must, when its call
 * does not end as it must, or when a further call fails.
 */
export async function runClientCase(
  { serverPreface, call = (client) => client.emptyCall({}), steps, outcome }: ClientCase,
  connect: (address: string) => TestServiceClient,
  options: PeerOptions = {},
): Promise<void> {
  const server = await listen(options);
  try {
    const client = connect(server.address);
    const ended = codeOfCall(call(client));
    // Awaited only when the script succeeds.
    ended.catch(() => undefined);
    const peer = await withTimeout(server.first, "a connection", options);
    peer.write(serverPreface ?? settings());
    await playScript(peer, serverPreface === undefined ? [...handshakeSteps, ...steps] : steps);
    respondToCalls(peer);
    assertOutcome(await withTimeout(ended, "the end of the call", options), outcome);
    const further = withTimeout(
      codeOfCall(client.emptyCall({})),
      "the end of a further call",
      options,
    );
    assert.equal(await further, undefined, "a further call succeeds");
  } finally {
    server.close();
  }
}

type CaseServer = {
  readonly address: string;
  readonly first: Promise<RawPeer>;
  readonly close: () => void;
};

async function listen(options: PeerOptions): Promise<CaseServer> {
  const peers: RawPeer[] = [];
  const first = Promise.withResolvers<RawPeer>();
  const server = createServer((socket) => {
    const peer = new RawPeer(socket, "server", options);
    if (peers.push(peer) === 1) return first.resolve(peer);
    peer.write(Buffer.concat([settings(), settingsAck]));
    respondToCalls(peer);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const close = () => {
    server.close();
    for (const peer of peers) peer.destroy();
  };
  return { address: `http://127.0.0.1:${port}`, first: first.promise, close };
}

/** Answers every call which no step took, until the connection closes. */
function respondToCalls(peer: RawPeer): void {
  peer
    .takeFrame(endsStream, "a call")
    .then(({ stream }) => {
      peer.write(wholeResponse(stream));
      respondToCalls(peer);
    })
    .catch(() => undefined);
}

async function codeOfCall(call: Promise<unknown>): Promise<Code | undefined> {
  try {
    await call;
    return undefined;
  } catch (error) {
    assert.ok(error instanceof ConnectError, String(error));
    return error.code;
  }
}

async function withTimeout<T>(
  awaited: Promise<T>,
  what: string,
  { timeoutMs = 2000 }: PeerOptions,
): Promise<T> {
  const controller = new AbortController();
  const late = sleep(timeoutMs, undefined, controller).then(() =>
    assert.fail(`waited for ${what}`),
  );
  try {
    return await Promise.race([awaited, late]);
  } finally {
    controller.abort();
  }
}

function assertOutcome(code: Code | undefined, outcome: ExpectedOutcome): void {
  const actual = code === undefined ? "success" : Code[code];
  if (outcome === "succeeds") assert.equal(actual, "success");
  if (outcome === "fails") assert.ok(failureCodes.includes(code as Code), `ended with ${actual}`);
  if (typeof outcome === "number") assert.equal(actual, Code[outcome]);
}
