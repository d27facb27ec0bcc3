import assert from "node:assert/strict";
import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { Code, ConnectError } from "@connectrpc/connect";
import { settings, settingsAck } from "../testing/frames.ts";
import { answer } from "../testing/messages.ts";
import { Peer, type PeerOptions } from "../testing/peer.ts";
import {
  endsStream,
  play,
  requested,
  type Step,
  settingsAcknowledged,
  settingsArrive,
} from "../testing/script.ts";
import type { ClientCase, Outcome, TestClient } from "./client-case.ts";
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

const opening: readonly Step[] = [settingsArrive, settingsAck, settingsAcknowledged, requested(1)];
const failures: readonly Code[] = [Code.Internal, Code.Unavailable, Code.Unknown];

/**
 * Runs a case against a client of a new address. Only the first connection follows the case; on
 * every other all calls succeed. Throws when the client does not do what it must, when its call
 * does not end as it must, or when a further call fails.
 */
export async function runClientCase(
  { preface, call = (client) => client.emptyCall({}), steps, outcome }: ClientCase,
  connect: (address: string) => TestClient,
  options: PeerOptions = {},
): Promise<void> {
  const server = await listen(options);
  try {
    const client = connect(server.address);
    const ended = settle(call(client));
    const peer = await within(server.first, "a connection", options);
    peer.write(preface ?? settings());
    await play(peer, preface === undefined ? [...opening, ...steps] : steps);
    serve(peer);
    assertOutcome(await within(ended, "the end of the call", options), outcome);
    const further = within(settle(client.emptyCall({})), "the end of a further call", options);
    assert.equal(await further, undefined, "a further call succeeds");
  } finally {
    server.close();
  }
}

type Server = {
  readonly address: string;
  readonly first: Promise<Peer>;
  readonly close: () => void;
};

async function listen(options: PeerOptions): Promise<Server> {
  const peers: Peer[] = [];
  const first = Promise.withResolvers<Peer>();
  const server = createServer((socket) => {
    const peer = new Peer(socket, "server", options);
    if (peers.push(peer) === 1) return first.resolve(peer);
    peer.write(Buffer.concat([settings(), settingsAck]));
    serve(peer);
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
function serve(peer: Peer): void {
  peer
    .next(endsStream, "a call")
    .then(({ stream }) => {
      peer.write(answer(stream));
      serve(peer);
    })
    .catch(() => undefined);
}

async function settle(call: Promise<unknown>): Promise<Code | undefined> {
  try {
    await call;
    return undefined;
  } catch (error) {
    assert.ok(error instanceof ConnectError, String(error));
    return error.code;
  }
}

async function within<T>(
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

function assertOutcome(code: Code | undefined, outcome: Outcome): void {
  const actual = code === undefined ? "success" : Code[code];
  if (outcome === "succeeds") assert.equal(actual, "success");
  if (outcome === "fails") assert.ok(failures.includes(code as Code), `ended with ${actual}`);
  if (typeof outcome === "number") assert.equal(actual, Code[outcome]);
}
