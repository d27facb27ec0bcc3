import { ConnectError } from "@connectrpc/connect";
import {
  CLIENT_PREFACE_MAGIC,
  type Frame,
  FrameType,
  frame,
  SettingId,
  settings,
  settingsAck,
} from "../testing/frames.ts";
import { request, wholeResponse } from "../testing/messages.ts";
import { RawPeer } from "../testing/peer.ts";
import { endsStream } from "../testing/script.ts";
import type { TestServiceClient } from "./client-case.ts";

/** Serves one connection: accepts everything, and responds to each request. */
export function servePermissively(peer: RawPeer): void {
  peer.write(settings([SettingId.MAX_CONCURRENT_STREAMS, 100]));
  const onFrame = (received: Frame) => {
    if (endsStream(received)) peer.write(wholeResponse(received.stream));
  };
  acknowledgeFrames(peer, onFrame).catch(() => undefined);
}

/** A client that makes each call on its own connection, and accepts every response. */
export function permissiveClient(address: string): TestServiceClient {
  const call = async () => {
    const peer = await RawPeer.connect(Number(new URL(address).port));
    const preface = settings([SettingId.ENABLE_PUSH, 0]);
    peer.write(Buffer.concat([CLIENT_PREFACE_MAGIC, preface, request(1)]));
    await new Promise<void>((resolve, reject) => {
      const onFrame = (received: Frame) => {
        if (endsStream(received)) resolve();
      };
      acknowledgeFrames(peer, onFrame).catch((error) => reject(ConnectError.from(error)));
    });
  };
  // The cases call no other methods.
  return { emptyCall: call, unaryCall: call } as unknown as TestServiceClient;
}

async function acknowledgeFrames(
  peer: RawPeer,
  onFrame: (received: Frame) => void,
): Promise<never> {
  for (;;) {
    const received = await peer.takeFrame(() => true, "any frame");
    if (received.type === FrameType.SETTINGS && received.flags === 0) peer.write(settingsAck);
    if (received.type === FrameType.PING) peer.write(frame(FrameType.PING, 1, 0, received.payload));
    onFrame(received);
  }
}
