import assert from "node:assert/strict";
import {
  CLIENT_PREFACE_MAGIC,
  describeFrame,
  ErrorCode,
  errorCodeOf,
  Flag,
  type Frame,
  FrameType,
  ping,
  settings,
  settingsAck,
} from "./frames.ts";
import { EMPTY_MESSAGE } from "./messages.ts";
import type { RawPeer } from "./peer.ts";

/** Something a case waits for; it throws when that does not come. */
export type Expectation = (peer: RawPeer) => Promise<void>;

/** Bytes to send, or something to wait for before the next step. */
export type ScriptStep = Uint8Array | Expectation;

/** The name of an error code. */
export type ErrorName = keyof typeof ErrorCode;

/** Goes through the steps of a case. Bytes which follow one another leave in one write. */
export async function playScript(peer: RawPeer, steps: readonly ScriptStep[]): Promise<void> {
  let unsent: Uint8Array[] = [];
  const send = () => {
    if (unsent.length > 0) peer.write(Buffer.concat(unsent));
    unsent = [];
  };
  for (const step of steps) {
    if (typeof step !== "function") {
      unsent.push(step);
      continue;
    }
    send();
    await step(peer);
  }
  send();
}

/** Sends a client's preface, and goes on until both sides have acknowledged the other's SETTINGS. */
export async function handshake(peer: RawPeer): Promise<void> {
  await playScript(peer, [
    CLIENT_PREFACE_MAGIC,
    settings(),
    settingsArrive,
    settingsAck,
    settingsAcknowledged,
  ]);
}

/** SETTINGS of the other side. */
export const settingsArrive: Expectation = async (peer) => {
  await peer.takeFrame(
    (frame) => frame.type === FrameType.SETTINGS && !hasFlag(frame, Flag.ACK),
    "SETTINGS",
  );
  const [first] = peer.frames;
  assert.ok(first?.type === FrameType.SETTINGS && !hasFlag(first, Flag.ACK), "SETTINGS come first");
};

/** The acknowledgement of SETTINGS of ours. */
export const settingsAcknowledged: Expectation = async (peer) => {
  const matches = (frame: Frame) => frame.type === FrameType.SETTINGS && hasFlag(frame, Flag.ACK);
  await peer.takeFrame(matches, "SETTINGS with ACK");
};

/** The answer to a PING which was sent with these eight bytes. */
export function pong(text: string): Expectation {
  const matches = (frame: Frame) =>
    frame.type === FrameType.PING && hasFlag(frame, Flag.ACK) && frame.payload.toString() === text;
  return async (peer) => {
    await peer.takeFrame(matches, `PING with ACK and "${text}"`);
  };
}

/** Life: a PING is answered. Whatever the other side had to say to earlier frames comes before. */
export const pingAck: Expectation = async (peer) => {
  const text = String(peer.frames.length).padStart(8, "0");
  peer.write(ping(text));
  await pong(text)(peer);
};

/** Life as in `alive`, and no frame which `isForbidden` among those which no step took. */
export function pingAckWithout(isForbidden: (frame: Frame) => boolean, what: string): Expectation {
  return async (peer) => {
    await pingAck(peer);
    const found = peer.untakenFrames.find(isForbidden);
    assert.equal(found && describeFrame(found), undefined, `${what} must not come`);
  };
}

/**
 * A connection error (RFC 9113, section 5.4.1): GOAWAY with one of these codes, then the close of
 * the connection. The RFC lets GOAWAY be left out; this suite does not, for without it a client
 * cannot know which calls are safe to repeat.
 */
export function connectionError(...codes: ErrorName[]): Expectation {
  return async (peer) => {
    const wanted = `GOAWAY with ${codes.join(" or ")}`;
    const frame = await peer.takeFrame((frame) => frame.type === FrameType.GOAWAY, wanted);
    assertCode(frame, codes);
    await peer.waitForClose();
  };
}

/** An answer to what is not HTTP/2: GOAWAY may be left out (RFC 9113, section 3.4). */
export function connectionErrorOrClose(...codes: ErrorName[]): Expectation {
  return async (peer) => {
    await peer.waitForClose();
    for (const frame of peer.frames) if (frame.type === FrameType.GOAWAY) assertCode(frame, codes);
  };
}

/**
 * A stream error (RFC 9113, section 5.4.2): RST_STREAM with one of these codes, after which the
 * connection lives. The RFC also permits to make it a connection error with the same code.
 */
export function streamError(stream: number, ...codes: ErrorName[]): Expectation {
  return async (peer) => {
    const wanted = `RST_STREAM on stream ${stream} or GOAWAY with ${codes.join(" or ")}`;
    const frame = await peer.takeFrame(
      (frame) => isReset(frame, stream) || isGoaway(frame),
      wanted,
    );
    assertCode(frame, codes);
    await (isGoaway(frame) ? peer.waitForClose() : pingAck(peer));
  };
}

/** A stream error which must not become one of the connection. */
export function streamErrorOnly(stream: number, ...codes: ErrorName[]): Expectation {
  return async (peer) => {
    const wanted = `RST_STREAM on stream ${stream} with ${codes.join(" or ")}`;
    const frame = await peer.takeFrame((frame) => isReset(frame, stream), wanted);
    assertCode(frame, codes);
    await pingAck(peer);
  };
}

/** An HTTP answer of whatever status: HEADERS, and the end of the stream. */
export function anyResponse(stream: number): Expectation {
  return async (peer) => {
    const ends = (frame: Frame) => frame.stream === stream && endsStream(frame);
    await peer.takeFrame(ends, `the end of stream ${stream}`);
    const [first] = peer.frames.filter((frame) => frame.stream === stream && !isWindow(frame));
    assert.equal(first?.type, FrameType.HEADERS, peer.transcript());
  };
}

/** The answer of EmptyCall: HEADERS, an empty message, trailers. */
export function emptyResponse(stream: number): Expectation {
  return async (peer) => {
    await anyResponse(stream)(peer);
    const own = peer.frames.filter((frame) => frame.stream === stream);
    const message = Buffer.concat(own.filter(isData).map((frame) => frame.payload));
    assert.deepEqual(message, EMPTY_MESSAGE, peer.transcript());
    const last = own.findLast((frame) => frame.type !== FrameType.RST_STREAM);
    assert.equal(last?.type, FrameType.HEADERS, "trailers come last");
  };
}

/** So many bytes of DATA on a stream, and then no more of them. */
export function dataOfLength(stream: number, bytes: number): Expectation {
  return async (peer) => {
    let left = bytes;
    while (left > 0) {
      const wanted = `${left} more bytes of DATA on stream ${stream}`;
      const frame = await peer.takeFrame(
        (frame) => isData(frame) && frame.stream === stream,
        wanted,
      );
      left -= frame.payload.length;
    }
    assert.equal(left, 0, peer.transcript());
    const isMore = (frame: Frame) =>
      isData(frame) && frame.stream === stream && frame.payload.length > 0;
    await pingAckWithout(isMore, "more DATA")(peer);
  };
}

/** An answer to PING, or the close of the connection. */
export function pongOrClose(text: string): Expectation {
  return async (peer) => {
    await pong(text)(peer).catch((error: unknown) => {
      if (!peer.isClosed) throw error;
    });
  };
}

/** The beginning of a call which the client makes. */
export function requestStarts(stream: number): Expectation {
  return async (peer) => {
    await peer.takeFrame((frame) => isHeaders(frame, stream), `HEADERS on stream ${stream}`);
  };
}

/** The end of a call which the client makes. */
export function requestEnd(stream: number): Expectation {
  return async (peer) => {
    const matches = (frame: Frame) => frame.stream === stream && endsStream(frame);
    await peer.takeFrame(matches, `the end of the call on stream ${stream}`);
  };
}

/** The whole of a call which the client makes. */
export function requestArrives(stream: number): Expectation {
  return async (peer) => {
    await requestStarts(stream)(peer);
    await requestEnd(stream)(peer);
  };
}

/** RST_STREAM by which the client gives up a call. */
export function requestIsCancelled(stream: number): Expectation {
  return async (peer) => {
    const frame = await peer.takeFrame(
      (frame) => isReset(frame, stream),
      `RST_STREAM on ${stream}`,
    );
    assertCode(frame, ["CANCEL"]);
  };
}

/** Life, and no stream which no step took. */
export const noNewStream: Expectation = pingAckWithout(
  (frame) => frame.type === FrameType.HEADERS,
  "another stream",
);

/** The close of the connection by this side. */
export const hangUp: Expectation = async (peer) => {
  peer.destroy();
};

function assertCode(frame: Frame, codes: readonly ErrorName[]): void {
  const isWanted = codes.some((name) => ErrorCode[name] === errorCodeOf(frame));
  assert.ok(isWanted, `Wanted ${codes.join(" or ")}, got ${describeFrame(frame)}`);
}

function hasFlag(frame: Frame, flag: number): boolean {
  return (frame.flags & flag) !== 0;
}

function isData(frame: Frame): boolean {
  return frame.type === FrameType.DATA;
}

function isHeaders(frame: Frame, stream: number): boolean {
  return frame.type === FrameType.HEADERS && frame.stream === stream;
}

function isWindow(frame: Frame): boolean {
  return frame.type === FrameType.WINDOW_UPDATE;
}

function isGoaway(frame: Frame): boolean {
  return frame.type === FrameType.GOAWAY;
}

/** Whether a frame resets a stream; NO_ERROR only says that the rest of a request is not wanted. */
function isReset(frame: Frame, stream: number): boolean {
  return (
    frame.type === FrameType.RST_STREAM &&
    frame.stream === stream &&
    errorCodeOf(frame) !== ErrorCode.NO_ERROR
  );
}

/** Whether a frame is the last of its sender on its stream. */
export function endsStream(frame: Frame): boolean {
  return (
    (frame.type === FrameType.DATA || frame.type === FrameType.HEADERS) &&
    hasFlag(frame, Flag.END_STREAM)
  );
}
