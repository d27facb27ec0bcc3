import assert from "node:assert/strict";
import {
  data,
  frame,
  Setting,
  settings,
  settingsAck,
  Type,
  windowUpdate,
} from "../testing/frames.ts";
import { answer, answerHeaders, answerTrailers, unknownMessage } from "../testing/messages.ts";
import type { Peer } from "../testing/peer.ts";
import {
  begun,
  connectionError,
  dataOfExactly,
  ended,
  requested,
  type Step,
  settingsAcknowledged,
  settingsArrive,
  streamError,
  streamErrorOnly,
} from "../testing/script.ts";
import type { ClientCase, TestClient } from "./client-case.ts";

const LARGEST = 2 ** 31 - 1;
const UPLOAD = 100_000;
const DOWNLOAD = 1_500_000;
const shaken: readonly Step[] = [settingsArrive, settingsAck, settingsAcknowledged];
// So that a further call has a window again.
const reopened: readonly Step[] = [...window(65535), windowUpdate(0, 65535)];

/** Section 6.9: WINDOW_UPDATE and flow control. An EmptyCall is five bytes of DATA. */
export const clientFlowCases: readonly ClientCase[] = [
  {
    id: "client/6.9/1",
    must: "refuses WINDOW_UPDATE of the connection by 0",
    steps: [windowUpdate(0, 0), connectionError("PROTOCOL_ERROR")],
    outcome: "fails",
  },
  {
    id: "client/6.9/2",
    must: "refuses WINDOW_UPDATE of a stream by 0",
    steps: [windowUpdate(1, 0), streamError(1, "PROTOCOL_ERROR")],
    outcome: "fails",
  },
  {
    id: "client/6.9/3",
    must: "refuses WINDOW_UPDATE with a length other than four",
    steps: [frame(Type.WINDOW_UPDATE, 0, 0, Buffer.alloc(3)), connectionError("FRAME_SIZE_ERROR")],
    outcome: "fails",
  },
  {
    id: "client/6.9.1/1",
    must: "refuses a window of the connection above 2^31-1",
    steps: [windowUpdate(0, LARGEST), connectionError("FLOW_CONTROL_ERROR")],
    outcome: "fails",
  },
  {
    id: "client/6.9.1/2",
    must: "resets a stream whose window gets above 2^31-1",
    preface: settings([Setting.INITIAL_WINDOW_SIZE, 1000]),
    call: secondUploads,
    steps: [
      ...shaken,
      requested(1),
      answer(1),
      dataOfExactly(3, 1000),
      windowUpdate(3, LARGEST),
      windowUpdate(3, LARGEST),
      streamErrorOnly(3, "FLOW_CONTROL_ERROR"),
      ...reopened,
    ],
    outcome: "fails",
  },
  {
    id: "client/6.9.1/3",
    must: "sends no more than the window of the stream",
    preface: settings([Setting.INITIAL_WINDOW_SIZE, 1000]),
    call: secondUploads,
    steps: [
      ...shaken,
      requested(1),
      answer(1),
      dataOfExactly(3, 1000),
      windowUpdate(3, 500),
      dataOfExactly(3, 500),
      windowUpdate(3, UPLOAD),
      windowUpdate(0, UPLOAD),
      requested(3),
      answer(3),
      ...reopened,
    ],
    outcome: "succeeds",
  },
  {
    id: "client/6.9.1/4",
    must: "sends no more than the window of the connection, in frames of at most 2^14 bytes",
    preface: settings([Setting.INITIAL_WINDOW_SIZE, 1_000_000]),
    call: secondUploads,
    steps: [
      ...shaken,
      requested(1),
      answer(1),
      dataOfExactly(3, 65535 - 5),
      framesAreSmall,
      windowUpdate(0, 2 * UPLOAD),
      requested(3),
      answer(3),
    ],
    outcome: "succeeds",
  },
  {
    id: "client/6.9.1/5",
    must: "opens its windows again as it takes an answer",
    steps: [answerHeaders(1), obeyingWindows(DOWNLOAD), answerTrailers(1)],
    outcome: "succeeds",
  },
  {
    id: "client/6.9.2/1",
    must: "goes on when a new initial window opens that of the stream",
    preface: settings([Setting.INITIAL_WINDOW_SIZE, 0]),
    call: secondUploads,
    steps: [
      ...shaken,
      begun(1),
      windowUpdate(1, 100),
      ended(1),
      answer(1),
      dataOfExactly(3, 0),
      ...window(1),
      dataOfExactly(3, 1),
      ...window(2 * UPLOAD),
      windowUpdate(0, 2 * UPLOAD),
      requested(3),
      answer(3),
    ],
    outcome: "succeeds",
  },
  {
    id: "client/6.9.2/2",
    must: "reckons with a negative window",
    preface: settings([Setting.INITIAL_WINDOW_SIZE, 1000]),
    call: secondUploads,
    steps: [
      ...shaken,
      requested(1),
      answer(1),
      dataOfExactly(3, 1000),
      ...window(400),
      windowUpdate(3, 600),
      dataOfExactly(3, 0),
      windowUpdate(3, 1),
      dataOfExactly(3, 1),
      windowUpdate(3, UPLOAD),
      windowUpdate(0, UPLOAD),
      requested(3),
      answer(3),
      ...reopened,
    ],
    outcome: "succeeds",
  },
  {
    id: "client/6.9.2/3",
    must: "refuses a new initial window which takes that of a stream above 2^31-1",
    preface: settings([Setting.INITIAL_WINDOW_SIZE, 1_000_000]),
    call: secondUploads,
    steps: [
      ...shaken,
      requested(1),
      answer(1),
      dataOfExactly(3, 65535 - 5),
      windowUpdate(3, 2 ** 30),
      settings([Setting.INITIAL_WINDOW_SIZE, LARGEST]),
      connectionError("FLOW_CONTROL_ERROR"),
    ],
    outcome: "fails",
  },
];

function window(bytes: number): Step[] {
  return [settings([Setting.INITIAL_WINDOW_SIZE, bytes]), settingsAcknowledged];
}

/** The first call only makes sure that the client knows the server's SETTINGS. */
async function secondUploads(client: TestClient): Promise<void> {
  await client.emptyCall({});
  await client.unaryCall({ payload: { body: new Uint8Array(UPLOAD) } });
}

async function framesAreSmall(peer: Peer): Promise<void> {
  for (const { type, payload } of peer.frames) {
    assert.ok(type !== Type.DATA || payload.length <= 16384, `DATA of ${payload.length} bytes`);
  }
}

/** Sends a message on stream 1, never beyond the windows of the client. */
function obeyingWindows(bytes: number) {
  return async (peer: Peer): Promise<void> => {
    const message = unknownMessage(bytes);
    const windows = [65535, peer.settings.get(Setting.INITIAL_WINDOW_SIZE) ?? 65535];
    for (let sent = 0; sent < bytes; ) {
      const allowed = Math.min(...windows.map((start, stream) => start + opened(peer, stream)));
      const size = Math.min(allowed - sent, peer.maxFrameSize, bytes - sent);
      if (size > 0) peer.write(data(1, message.subarray(sent, sent + size)));
      else await peer.next(isWindowUpdate, `WINDOW_UPDATE after ${sent} bytes`);
      sent += size;
    }
  };
}

function isWindowUpdate({ type }: { type: number }): boolean {
  return type === Type.WINDOW_UPDATE;
}

/** By how many bytes the client has opened the window of a stream or, as stream 0, the connection. */
function opened(peer: Peer, stream: number): number {
  const updates = peer.frames.filter((frame) => isWindowUpdate(frame) && frame.stream === stream);
  return updates.reduce((sum, { payload }) => sum + payload.readUInt32BE(), 0);
}
