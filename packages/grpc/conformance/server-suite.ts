import { request } from "../testing/messages.ts";
import { type PeerOptions, RawPeer } from "../testing/peer.ts";
import { emptyResponse, handshake, playScript } from "../testing/script.ts";
import type { ServerCase } from "./server-case.ts";
import {
  serverConnectionFrameCases,
  serverContinuationCases,
  serverStreamFrameCases,
} from "./server-control-cases.ts";
import { serverFlowCases } from "./server-flow-cases.ts";
import { serverFramingCases } from "./server-framing-cases.ts";
import { serverGenericCases } from "./server-generic-cases.ts";
import { serverGenericHpackCases, serverHpackCases } from "./server-hpack-cases.ts";
import { serverMessageCases } from "./server-message-cases.ts";
import { serverSettingsCases } from "./server-settings-cases.ts";
import { serverStreamCases } from "./server-stream-cases.ts";

/** Every case for a server, in the order of the list. */
export const serverCases: readonly ServerCase[] = [
  ...serverGenericCases,
  ...serverGenericHpackCases,
  ...serverFramingCases,
  ...serverStreamCases,
  ...serverStreamFrameCases,
  ...serverSettingsCases,
  ...serverConnectionFrameCases,
  ...serverFlowCases,
  ...serverContinuationCases,
  ...serverMessageCases,
  ...serverHpackCases,
];

/**
 * Runs a case on a connection of its own against a server on this machine. Throws when the server
 * does not do what it must, or does not serve a new connection afterwards.
 */
export async function runServerCase(
  { sendsOwnPreface, steps }: ServerCase,
  port: number,
  options?: PeerOptions,
): Promise<void> {
  const peer = await RawPeer.connect(port, options);
  try {
    if (sendsOwnPreface === undefined) await handshake(peer);
    await playScript(peer, steps);
  } finally {
    peer.destroy();
  }
  await assertServes(port, options);
}

async function assertServes(port: number, options?: PeerOptions): Promise<void> {
  const peer = await RawPeer.connect(port, options);
  try {
    await handshake(peer);
    await playScript(peer, [request(1), emptyResponse(1)]);
  } finally {
    peer.destroy();
  }
}
