import {
  continuation,
  data,
  FrameType,
  frame,
  headers,
  ping,
  priority,
  settings,
  settingsAck,
} from "../testing/frames.ts";
import {
  dummyFields,
  EMPTY_MESSAGE,
  headerBlock,
  RESPONSE,
  responseHeadersFrame,
  responseTrailersFrame,
  unknownMessage,
  wholeResponse,
} from "../testing/messages.ts";
import {
  connectionError,
  connectionErrorOrClose,
  pong,
  requestArrives,
  settingsArrive,
  streamError,
} from "../testing/script.ts";
import type { ClientCase } from "./client-case.ts";

const FRAGMENT = headerBlock(RESPONSE);
const DUMMY = headerBlock(dummyFields(1, 100));
const EIGHT = Buffer.from("pingpong");
const UNKNOWN_TYPE = 0x16;
const UNKNOWN_FLAGS = 0xfe;

/** Sections 3.4 and 4: the preface, and what every frame and header block has in common. */
export const clientFramingCases: readonly ClientCase[] = [
  {
    id: "client/3.4/1",
    must: "begins with the preface and SETTINGS, before it has heard of the server",
    serverPreface: Buffer.alloc(0),
    steps: [settingsArrive, settings(), settingsAck, requestArrives(1), wholeResponse(1)],
    outcome: "succeeds",
  },
  {
    id: "client/3.4/2",
    must: "refuses a server whose first frame is not SETTINGS",
    serverPreface: ping("pingpong"),
    steps: [connectionError("PROTOCOL_ERROR")],
    outcome: "settles",
  },
  {
    id: "client/3.4/3",
    must: "refuses a server whose first frame acknowledges SETTINGS",
    serverPreface: settingsAck,
    steps: [connectionError("PROTOCOL_ERROR")],
    outcome: "settles",
  },
  {
    id: "client/3.4/4",
    must: "refuses a server that speaks HTTP/1.1",
    serverPreface: Buffer.from("HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n\r\n"),
    steps: [connectionErrorOrClose("PROTOCOL_ERROR", "FRAME_SIZE_ERROR")],
    outcome: "settles",
  },
  {
    id: "client/4.1/1",
    must: "ignores frames of unknown type",
    steps: [
      frame(UNKNOWN_TYPE, 0xff, 0, EIGHT),
      frame(UNKNOWN_TYPE, 0xff, 1, EIGHT),
      wholeResponse(1),
    ],
    outcome: "succeeds",
  },
  {
    id: "client/4.1/2",
    must: "ignores undefined flags",
    steps: [
      frame(FrameType.PING, UNKNOWN_FLAGS, 0, EIGHT),
      pong("pingpong"),
      responseHeadersFrame(1),
      data(1, EMPTY_MESSAGE, 0xf6),
      responseTrailersFrame(1),
    ],
    outcome: "succeeds",
  },
  {
    id: "client/4.1/3",
    must: "ignores the reserved bit",
    steps: [
      frame(FrameType.PING, 0, 0x80000000, EIGHT),
      pong("pingpong"),
      responseHeadersFrame(1),
      data(0x80000001, EMPTY_MESSAGE),
      responseTrailersFrame(1),
    ],
    outcome: "succeeds",
  },
  {
    id: "client/4.2/1",
    must: "takes DATA of 2^14 bytes",
    steps: [wholeResponse(1, unknownMessage(16384))],
    outcome: "succeeds",
  },
  {
    id: "client/4.2/2",
    must: "refuses DATA larger than SETTINGS_MAX_FRAME_SIZE",
    steps: [
      responseHeadersFrame(1),
      async (peer) => peer.write(data(1, unknownMessage(peer.maxFrameSize + 1))),
      streamError(1, "FRAME_SIZE_ERROR"),
    ],
    outcome: "fails",
  },
  {
    id: "client/4.2/3",
    must: "refuses HEADERS larger than SETTINGS_MAX_FRAME_SIZE",
    steps: [
      async (peer) =>
        peer.write(responseHeadersFrame(1, [...RESPONSE, ...dummyFields(1, peer.maxFrameSize)])),
      connectionError("FRAME_SIZE_ERROR"),
    ],
    outcome: "fails",
  },
  {
    id: "client/4.3/1",
    must: "refuses a header block that is cut off",
    steps: [headers(1, Buffer.of(0x40)), connectionError("COMPRESSION_ERROR")],
    outcome: "fails",
  },
  {
    id: "client/4.3/2",
    must: "refuses PRIORITY within a header block",
    steps: [
      headers(1, FRAGMENT, 0),
      priority(1),
      continuation(1, DUMMY),
      connectionError("PROTOCOL_ERROR"),
    ],
    outcome: "fails",
  },
  {
    id: "client/4.3/3",
    must: "refuses an unknown frame within a header block",
    steps: [
      headers(1, FRAGMENT, 0),
      frame(UNKNOWN_TYPE, 0, 0, EIGHT),
      continuation(1, DUMMY),
      connectionError("PROTOCOL_ERROR"),
    ],
    outcome: "fails",
  },
];
