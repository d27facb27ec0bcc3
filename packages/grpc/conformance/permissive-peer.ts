import { ConnectError } from "@connectrpc/connect";
import {
  type Frame,
  frame,
  MAGIC,
  Setting,
  settings,
  settingsAck,
  Type,
} from "../testing/frames.ts";
import { answer, request } from "../testing/messages.ts";
import { Peer } from "../testing/peer.ts";
import { endsStream } from "../testing/script.ts";
import type { TestClient } from "./client-case.ts";

/** Serves one connection and finds fault with nothing: it answers whatever ends a stream. */
export function serveCredulously(peer: Peer): void {
  peer.write(settings([Setting.MAX_CONCURRENT_STREAMS, 100]));
  const onFrame = (received: Frame) => {
    if (endsStream(received)) peer.write(answer(received.stream));
  };
  followCredulously(peer, onFrame).catch(() => undefined);
}

/** A client that makes each call on a connection of its own and finds fault with no answer. */
export function credulousClient(address: string): TestClient {
  const call = async () => {
    const peer = await Peer.connect(Number(new URL(address).port));
    const preface = settings([Setting.ENABLE_PUSH, 0]);
    peer.write(Buffer.concat([MAGIC, preface, request(1)]));
    await new Promise<void>((resolve, reject) => {
      const onFrame = (received: Frame) => {
        if (endsStream(received)) resolve();
      };
      followCredulously(peer, onFrame).catch((error) => reject(ConnectError.from(error)));
    });
  };
  // The cases call no other methods.
  return { emptyCall: call, unaryCall: call } as unknown as TestClient;
}

async function followCredulously(peer: Peer, onFrame: (received: Frame) => void): Promise<never> {
  for (;;) {
    const received = await peer.next(() => true, "any frame");
    if (received.type === Type.SETTINGS && received.flags === 0) peer.write(settingsAck);
    if (received.type === Type.PING) peer.write(frame(Type.PING, 1, 0, received.payload));
    onFrame(received);
  }
}
