import { request } from "../testing/messages.ts";
import { Peer, type PeerOptions } from "../testing/peer.ts";
import { answered, greet, play } from "../testing/script.ts";
import type { ServerCase } from "./server-case.ts";
import {
  connectionFrameCases,
  continuationCases,
  streamFrameCases,
} from "./server-control-cases.ts";
import { flowCases } from "./server-flow-cases.ts";
import { framingCases } from "./server-framing-cases.ts";
import { genericCases } from "./server-generic-cases.ts";
import { genericHpackCases, hpackCases } from "./server-hpack-cases.ts";
import { messageCases } from "./server-message-cases.ts";
import { settingsCases } from "./server-settings-cases.ts";
import { streamCases } from "./server-stream-cases.ts";

/** Every case for a server, in the order of the list. */
export const serverCases: readonly ServerCase[] = [
  ...genericCases,
  ...genericHpackCases,
  ...framingCases,
  ...streamCases,
  ...streamFrameCases,
  ...settingsCases,
  ...connectionFrameCases,
  ...flowCases,
  ...continuationCases,
  ...messageCases,
  ...hpackCases,
];

/**
 * Runs a case on a connection of its own against a server on this machine. Throws when the server
 * does not do what it must, or does not serve a new connection afterwards.
 */
export async function runServerCase(
  { bare, steps }: ServerCase,
  port: number,
  options?: PeerOptions,
): Promise<void> {
  const peer = await Peer.connect(port, options);
  try {
    if (bare === undefined) await greet(peer);
    await play(peer, steps);
  } finally {
    peer.destroy();
  }
  await serves(port, options);
}

async function serves(port: number, options?: PeerOptions): Promise<void> {
  const peer = await Peer.connect(port, options);
  try {
    await greet(peer);
    await play(peer, [request(1), answered(1)]);
  } finally {
    peer.destroy();
  }
}
