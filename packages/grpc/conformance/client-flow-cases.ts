import assert from "node:assert/strict";
import {
  data,
  Flag,
  FrameType,
  frame,
  SettingId,
  settings,
  settingsAck,
  windowUpdate,
  withPadding,
} from "../testing/frames.ts";
import {
  EMPTY_MESSAGE,
  responseHeadersFrame,
  responseTrailersFrame,
  unknownMessage,
  wholeResponse,
} from "../testing/messages.ts";
import type { RawPeer } from "../testing/peer.ts";
import {
  connectionError,
  dataOfLength,
  requestArrives,
  requestEnd,
  requestStarts,
  type ScriptStep,
  settingsAcknowledged,
  settingsArrive,
  streamError,
  streamErrorOnly,
} from "../testing/script.ts";
import type { ClientCase, TestServiceClient } from "./client-case.ts";

const LARGEST = 2 ** 31 - 1;
const UPLOAD = 100_000;
const DOWNLOAD = 1_500_000;
const shaken: readonly ScriptStep[] = [settingsArrive, settingsAck, settingsAcknowledged];
// So that a further call has a window again.
const reopened: readonly ScriptStep[] = [...window(65535), windowUpdate(0, 65535)];

const paddedFrame = frame(FrameType.DATA, Flag.PADDED, 1, withPadding(Buffer.of(), 255));

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
    steps: [
      frame(FrameType.WINDOW_UPDATE, 0, 0, Buffer.alloc(3)),
      connectionError("FRAME_SIZE_ERROR"),
    ],
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
    serverPreface: settings([SettingId.INITIAL_WINDOW_SIZE, 1000]),
    call: secondUploads,
    steps: [
      ...shaken,
      requestArrives(1),
      wholeResponse(1),
      dataOfLength(3, 1000),
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
    serverPreface: settings([SettingId.INITIAL_WINDOW_SIZE, 1000]),
    call: secondUploads,
    steps: [
      ...shaken,
      requestArrives(1),
      wholeResponse(1),
      dataOfLength(3, 1000),
      windowUpdate(3, 500),
      dataOfLength(3, 500),
      windowUpdate(3, UPLOAD),
      windowUpdate(0, UPLOAD),
      requestArrives(3),
      wholeResponse(3),
      ...reopened,
    ],
    outcome: "succeeds",
  },
  {
    id: "client/6.9.1/4",
    must: "sends no more than the window of the connection, in frames of at most 2^14 bytes",
    serverPreface: settings([SettingId.INITIAL_WINDOW_SIZE, 1_000_000]),
    call: secondUploads,
    steps: [
      ...shaken,
      requestArrives(1),
      wholeResponse(1),
      dataOfLength(3, 65535 - 5),
      framesAreSmall,
      windowUpdate(0, 2 * UPLOAD),
      requestArrives(3),
      wholeResponse(3),
    ],
    outcome: "succeeds",
  },
  {
    id: "client/6.9.1/5",
    must: "opens its windows again as it takes an answer",
    steps: [responseHeadersFrame(1), obeyingWindows(DOWNLOAD), responseTrailersFrame(1)],
    outcome: "succeeds",
  },
  {
    id: "client/6.9.1/6",
    must: "opens the window of a stream again for padding",
    steps: [
      responseHeadersFrame(1),
      paddingAlone,
      data(1, EMPTY_MESSAGE),
      responseTrailersFrame(1),
    ],
    outcome: "succeeds",
  },
  {
    id: "client/6.9.2/1",
    must: "goes on when a new initial window opens that of the stream",
    serverPreface: settings([SettingId.INITIAL_WINDOW_SIZE, 0]),
    call: secondUploads,
    steps: [
      ...shaken,
      requestStarts(1),
      windowUpdate(1, 100),
      requestEnd(1),
      wholeResponse(1),
      dataOfLength(3, 0),
      ...window(1),
      dataOfLength(3, 1),
      ...window(2 * UPLOAD),
      windowUpdate(0, 2 * UPLOAD),
      requestArrives(3),
      wholeResponse(3),
    ],
    outcome: "succeeds",
  },
  {
    id: "client/6.9.2/2",
    must: "reckons with a negative window",
    serverPreface: settings([SettingId.INITIAL_WINDOW_SIZE, 1000]),
    call: secondUploads,
    steps: [
      ...shaken,
      requestArrives(1),
      wholeResponse(1),
      dataOfLength(3, 1000),
      ...window(400),
      windowUpdate(3, 600),
      dataOfLength(3, 0),
      windowUpdate(3, 1),
      dataOfLength(3, 1),
      windowUpdate(3, UPLOAD),
      windowUpdate(0, UPLOAD),
      requestArrives(3),
      wholeResponse(3),
      ...reopened,
    ],
    outcome: "succeeds",
  },
  {
    id: "client/6.9.2/3",
    must: "refuses a new initial window which takes that of a stream above 2^31-1",
    serverPreface: settings([SettingId.INITIAL_WINDOW_SIZE, 1_000_000]),
    call: secondUploads,
    steps: [
      ...shaken,
      requestArrives(1),
      wholeResponse(1),
      dataOfLength(3, 65535 - 5),
      windowUpdate(3, 2 ** 30),
      settings([SettingId.INITIAL_WINDOW_SIZE, LARGEST]),
      connectionError("FLOW_CONTROL_ERROR"),
    ],
    outcome: "fails",
  },
];

function window(bytes: number): ScriptStep[] {
  return [settings([SettingId.INITIAL_WINDOW_SIZE, bytes]), settingsAcknowledged];
}

/** The first call only makes sure that the client knows the server's SETTINGS. */
async function secondUploads(client: TestServiceClient): Promise<void> {
  await client.emptyCall({});
  await client.unaryCall({ payload: { body: new Uint8Array(UPLOAD) } });
}

async function framesAreSmall(peer: RawPeer): Promise<void> {
  for (const { type, payload } of peer.frames) {
    assert.ok(
      type !== FrameType.DATA || payload.length <= 16384,
      `DATA of ${payload.length} bytes`,
    );
  }
}

/** Sends a message on stream 1, never beyond the windows of the client. */
function obeyingWindows(bytes: number) {
  return async (peer: RawPeer): Promise<void> => {
    const message = unknownMessage(bytes);
    const windows = [65535, peer.settings.get(SettingId.INITIAL_WINDOW_SIZE) ?? 65535];
    for (let sent = 0; sent < bytes; ) {
      const allowed = Math.min(...windows.map((start, stream) => start + opened(peer, stream)));
      const size = Math.min(allowed - sent, peer.maxFrameSize, bytes - sent);
      if (size > 0) peer.write(data(1, message.subarray(sent, sent + size)));
      else await peer.takeFrame(isWindowUpdate, `WINDOW_UPDATE after ${sent} bytes`);
      sent += size;
    }
  };
}

/** Sends three windows of padding, never beyond the window of the stream. */
async function paddingAlone(peer: RawPeer): Promise<void> {
  for (let sent = 0; sent < 3 * 65_535; sent += 256) {
    while (sent + 256 > 65_535 + opened(peer, 1)) {
      await peer.takeFrame(
        (update) => isWindowUpdate(update) && update.stream === 1,
        `WINDOW_UPDATE after ${sent} bytes`,
      );
    }
    peer.write(paddedFrame);
  }
}

function isWindowUpdate({ type }: { type: number }): boolean {
  return type === FrameType.WINDOW_UPDATE;
}

/** By how many bytes the client has opened the window of a stream or, as stream 0, the connection. */
function opened(peer: RawPeer, stream: number): number {
  const updates = peer.frames.filter((frame) => isWindowUpdate(frame) && frame.stream === stream);
  return updates.reduce((sum, { payload }) => sum + payload.readUInt32BE(), 0);
}
