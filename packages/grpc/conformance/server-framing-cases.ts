import {
  CLIENT_PREFACE_MAGIC,
  continuation,
  data,
  Flag,
  FrameType,
  frame,
  headers,
  priority,
  SettingId,
  settings,
} from "../testing/frames.ts";
import {
  dummyFields,
  headerBlock,
  openRequest,
  REQUEST,
  request,
  requestOf,
  unknownMessage,
} from "../testing/messages.ts";
import {
  connectionError,
  connectionErrorOrClose,
  type Expectation,
  emptyResponse,
  pingAck,
  pong,
  settingsArrive,
  streamError,
} from "../testing/script.ts";
import type { ServerCase } from "./server-case.ts";

const FRAGMENT = headerBlock(REQUEST);
const DUMMY = headerBlock(dummyFields(1, 100));
const END = Flag.END_STREAM;
const EIGHT = Buffer.from("pingpong");
const UNKNOWN_TYPE = 0x16;
// All flags that PING does not define, ACK being the one it does.
const UNKNOWN_FLAGS = 0xfe;

/** Sections 3.5 and 4: the preface, and what every frame and header block has in common. */
export const serverFramingCases: readonly ServerCase[] = [
  {
    id: "http2/3.5/1",
    must: "answers a client's preface with SETTINGS as its first frame",
    sendsOwnPreface: true,
    steps: [CLIENT_PREFACE_MAGIC, settings([SettingId.INITIAL_WINDOW_SIZE, 65535]), settingsArrive],
  },
  {
    id: "http2/3.5/2",
    must: "closes a connection that begins with another preface",
    sendsOwnPreface: true,
    steps: [
      Buffer.from("INVALID CONNECTION PREFACE\r\n\r\n"),
      connectionErrorOrClose("PROTOCOL_ERROR"),
    ],
  },
  {
    id: "http2/4.1/1",
    must: "ignores a frame of unknown type",
    steps: [frame(UNKNOWN_TYPE, 0, 0, EIGHT), pingAck],
  },
  {
    id: "http2/4.1/2",
    must: "ignores undefined flags",
    steps: [frame(FrameType.PING, UNKNOWN_FLAGS, 0, EIGHT), pong("pingpong")],
  },
  {
    id: "http2/4.1/3",
    must: "ignores the reserved bit",
    steps: [frame(FrameType.PING, UNKNOWN_FLAGS, 0x80000000, EIGHT), pong("pingpong")],
  },
  {
    id: "http2/4.2/1",
    must: "takes DATA of 2^14 bytes",
    steps: [openRequest(1), data(1, unknownMessage(16384), END), emptyResponse(1)],
  },
  {
    id: "http2/4.2/2",
    must: "refuses DATA larger than SETTINGS_MAX_FRAME_SIZE",
    steps: [
      openRequest(1),
      async (peer) => peer.write(data(1, unknownMessage(peer.maxFrameSize + 1), END)),
      streamError(1, "FRAME_SIZE_ERROR"),
    ],
  },
  {
    id: "http2/4.2/3",
    must: "refuses HEADERS larger than SETTINGS_MAX_FRAME_SIZE, whatever the stream",
    steps: [oversizeHeaders(1), connectionError("FRAME_SIZE_ERROR")],
  },
  {
    id: "http2/4.3/1",
    must: "refuses a header block that is cut off",
    steps: [requestOf(1, Buffer.of(0x40)), connectionError("COMPRESSION_ERROR")],
  },
  {
    id: "http2/4.3/2",
    must: "refuses PRIORITY within a header block",
    steps: [
      headers(1, FRAGMENT, 0),
      priority(1),
      continuation(1, DUMMY),
      connectionError("PROTOCOL_ERROR"),
    ],
  },
  {
    id: "http2/4.3/3",
    must: "refuses HEADERS of another stream within a header block",
    steps: [
      headers(1, FRAGMENT, 0),
      request(3),
      continuation(1, DUMMY),
      connectionError("PROTOCOL_ERROR"),
    ],
  },
];

function oversizeHeaders(stream: number): Expectation {
  return async (peer) => {
    const fields = [...REQUEST, ...dummyFields(1, peer.maxFrameSize)];
    peer.write(headers(stream, headerBlock(fields)));
  };
}
