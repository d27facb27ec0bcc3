import {
  continuation,
  data,
  ErrorCode,
  Flag,
  FrameType,
  frame,
  headers,
  ping,
  priority,
  rstStream,
  SettingId,
  settings,
} from "../testing/frames.ts";
import {
  dummyFields,
  EMPTY_MESSAGE,
  headerBlock,
  openRequest,
  REQUEST,
  request,
} from "../testing/messages.ts";
import {
  connectionError,
  emptyResponse,
  pingAckWithout,
  pong,
  streamError,
} from "../testing/script.ts";
import type { ServerCase } from "./server-case.ts";

const FRAGMENT = headerBlock(REQUEST);
const DUMMY = headerBlock(dummyFields(1, 100));
const END = Flag.END_STREAM;
const message = data(1, EMPTY_MESSAGE, END);
const halfClosed = Buffer.concat([settings([SettingId.INITIAL_WINDOW_SIZE, 0]), request(1)]);

/** Sections 6.1 to 6.4: DATA, HEADERS, PRIORITY, RST_STREAM. */
export const serverStreamFrameCases: readonly ServerCase[] = [
  {
    id: "http2/6.1/1",
    must: "refuses DATA on stream 0",
    steps: [data(0, EMPTY_MESSAGE, END), connectionError("PROTOCOL_ERROR")],
  },
  {
    id: "http2/6.1/2",
    must: "refuses DATA on a stream that is not open",
    steps: [halfClosed, message, streamError(1, "STREAM_CLOSED")],
  },
  {
    id: "http2/6.1/3",
    must: "refuses DATA whose padding is longer than its payload",
    steps: [
      openRequest(1),
      data(1, Buffer.from([6, 0, 0, 0, 0]), END | Flag.PADDED),
      connectionError("PROTOCOL_ERROR"),
    ],
  },
  {
    id: "http2/6.2/1",
    must: "refuses PRIORITY behind HEADERS without END_HEADERS",
    steps: [
      headers(1, FRAGMENT, 0),
      priority(1),
      continuation(1, DUMMY),
      connectionError("PROTOCOL_ERROR"),
    ],
  },
  {
    id: "http2/6.2/2",
    must: "refuses HEADERS of another stream behind HEADERS without END_HEADERS",
    steps: [
      headers(1, FRAGMENT, 0),
      openRequest(3),
      continuation(1, DUMMY),
      connectionError("PROTOCOL_ERROR"),
    ],
  },
  {
    id: "http2/6.2/3",
    must: "refuses HEADERS on stream 0",
    steps: [headers(0, FRAGMENT), connectionError("PROTOCOL_ERROR")],
  },
  {
    // The list takes a stream error as well; it would leave the two header tables out of step.
    id: "http2/6.2/4",
    must: "refuses HEADERS whose padding is longer than the payload",
    steps: [
      headers(
        1,
        Buffer.concat([Buffer.of(FRAGMENT.length + 1), FRAGMENT]),
        Flag.END_HEADERS | Flag.PADDED,
      ),
      connectionError("PROTOCOL_ERROR"),
    ],
  },
  {
    id: "http2/6.3/1",
    must: "refuses PRIORITY on stream 0",
    steps: [priority(0), connectionError("PROTOCOL_ERROR")],
  },
  {
    id: "http2/6.3/2",
    must: "refuses PRIORITY with a length other than five",
    steps: [openRequest(1), priority(1, Buffer.alloc(4)), streamError(1, "FRAME_SIZE_ERROR")],
  },
  {
    id: "http2/6.4/1",
    must: "refuses RST_STREAM on stream 0",
    steps: [rstStream(0, ErrorCode.CANCEL), connectionError("PROTOCOL_ERROR")],
  },
  {
    id: "http2/6.4/2",
    must: "refuses RST_STREAM on an idle stream",
    steps: [rstStream(1, ErrorCode.CANCEL), connectionError("PROTOCOL_ERROR")],
  },
  {
    id: "http2/6.4/3",
    must: "refuses RST_STREAM with a length other than four",
    steps: [
      openRequest(1),
      frame(FrameType.RST_STREAM, 0, 1, Buffer.alloc(3)),
      connectionError("FRAME_SIZE_ERROR"),
    ],
  },
];

/** Sections 6.7 and 6.8: PING and GOAWAY. */
export const serverConnectionFrameCases: readonly ServerCase[] = [
  {
    id: "http2/6.7/1",
    must: "answers PING with the same eight bytes",
    steps: [ping("pingpong"), pong("pingpong")],
  },
  {
    id: "http2/6.7/2",
    must: "does not answer PING that is an answer",
    steps: [ping("unwanted", Flag.ACK), ping("pingpong"), pong("pingpong"), noPong("unwanted")],
  },
  {
    id: "http2/6.7/3",
    must: "refuses PING on a stream",
    steps: [frame(FrameType.PING, 0, 1, Buffer.alloc(8)), connectionError("PROTOCOL_ERROR")],
  },
  {
    id: "http2/6.7/4",
    must: "refuses PING with a length other than eight",
    steps: [frame(FrameType.PING, 0, 0, Buffer.alloc(6)), connectionError("FRAME_SIZE_ERROR")],
  },
  {
    id: "http2/6.8/1",
    must: "refuses GOAWAY on a stream",
    steps: [frame(FrameType.GOAWAY, 0, 1, Buffer.alloc(8)), connectionError("PROTOCOL_ERROR")],
  },
];

/** Section 6.10: CONTINUATION. */
export const serverContinuationCases: readonly ServerCase[] = [
  {
    id: "http2/6.10/1",
    must: "takes several CONTINUATION behind HEADERS",
    steps: [
      headers(1, FRAGMENT, 0),
      continuation(1, DUMMY, 0),
      continuation(1, DUMMY),
      message,
      emptyResponse(1),
    ],
  },
  {
    id: "http2/6.10/2",
    must: "refuses DATA behind CONTINUATION without END_HEADERS",
    steps: [
      headers(1, FRAGMENT, 0),
      continuation(1, DUMMY, 0),
      message,
      connectionError("PROTOCOL_ERROR"),
    ],
  },
  {
    id: "http2/6.10/3",
    must: "refuses CONTINUATION on stream 0",
    steps: [headers(1, FRAGMENT, 0), continuation(0, DUMMY), connectionError("PROTOCOL_ERROR")],
  },
  {
    id: "http2/6.10/4",
    must: "refuses CONTINUATION behind HEADERS with END_HEADERS",
    steps: [headers(1, FRAGMENT), continuation(1, DUMMY), connectionError("PROTOCOL_ERROR")],
  },
  {
    id: "http2/6.10/5",
    must: "refuses CONTINUATION behind CONTINUATION with END_HEADERS",
    steps: [
      headers(1, FRAGMENT, 0),
      continuation(1, DUMMY),
      continuation(1, DUMMY),
      connectionError("PROTOCOL_ERROR"),
    ],
  },
  {
    id: "http2/6.10/6",
    must: "refuses DATA between HEADERS without END_HEADERS and CONTINUATION",
    steps: [
      headers(1, FRAGMENT, 0),
      message,
      continuation(1, DUMMY),
      connectionError("PROTOCOL_ERROR"),
    ],
  },
];

function noPong(text: string) {
  return pingAckWithout(
    ({ type, payload }) => type === FrameType.PING && payload.toString() === text,
    text,
  );
}
