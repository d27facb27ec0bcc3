import {
  data,
  Flag,
  FrameType,
  frame,
  goaway,
  headers,
  ping,
  rstStream,
  uint32,
} from "../testing/frames.ts";
import {
  EMPTY_MESSAGE,
  type HeaderField,
  headerBlock,
  openRequest,
  REQUEST,
  replaceField,
  request,
  requestOf,
} from "../testing/messages.ts";
import {
  connectionError,
  pingAck,
  pongOrClose,
  type ScriptStep,
  streamError,
} from "../testing/script.ts";
import type { ServerCase } from "./server-case.ts";

const END = Flag.END_STREAM | Flag.END_HEADERS;
const UNKNOWN_CODE = 0xff;

/** Sections 7 and 8: error codes, and calls that are malformed as HTTP messages. */
export const serverMessageCases: readonly ServerCase[] = [
  {
    id: "http2/7/1",
    must: "takes GOAWAY with an unknown error code",
    steps: [goaway(0, UNKNOWN_CODE), ping("pingpong"), pongOrClose("pingpong")],
  },
  {
    id: "http2/7/2",
    must: "takes RST_STREAM with an unknown error code",
    steps: [openRequest(1), rstStream(1, UNKNOWN_CODE), pingAck],
  },
  {
    id: "http2/8.1/1",
    must: "refuses trailers without END_STREAM",
    steps: [
      openRequest(1),
      data(1, EMPTY_MESSAGE),
      headers(1, headerBlock([["x-test", "ok"]])),
      streamError(1, "PROTOCOL_ERROR"),
    ],
  },
  {
    id: "http2/8.1.2/1",
    must: "refuses upper case in a field name",
    steps: malformed([...REQUEST, ["X-TEST", "ok"]]),
  },
  {
    id: "http2/8.1.2.1/1",
    must: "refuses an unknown pseudo-header field",
    steps: malformed([[":test", "ok"], ...REQUEST]),
  },
  {
    id: "http2/8.1.2.1/2",
    must: "refuses the pseudo-header field of a response",
    steps: malformed([[":status", "200"], ...REQUEST]),
  },
  {
    // The list leaves END_STREAM out as well, which is an error of its own: 8.1/1.
    id: "http2/8.1.2.1/3",
    must: "refuses a pseudo-header field in trailers",
    steps: [
      openRequest(1),
      data(1, EMPTY_MESSAGE),
      headers(1, headerBlock([[":method", "POST"]]), END),
      streamError(1, "PROTOCOL_ERROR"),
    ],
  },
  {
    id: "http2/8.1.2.1/4",
    must: "refuses a pseudo-header field behind a regular one",
    steps: malformed([["x-test", "ok"], ...REQUEST]),
  },
  {
    id: "http2/8.1.2.2/1",
    must: "refuses a connection-specific field",
    steps: malformed([...REQUEST, ["connection", "keep-alive"]]),
  },
  {
    id: "http2/8.1.2.2/2",
    must: 'refuses TE with anything but "trailers"',
    steps: malformed(replaceField(REQUEST, "te", "trailers, deflate")),
  },
  {
    id: "http2/8.1.2.3/1",
    must: "refuses an empty :path",
    steps: malformed(replaceField(REQUEST, ":path", "")),
  },
  {
    id: "http2/8.1.2.3/2",
    must: "refuses a call without :method",
    steps: malformed(replaceField(REQUEST, ":method")),
  },
  {
    id: "http2/8.1.2.3/3",
    must: "refuses a call without :scheme",
    steps: malformed(replaceField(REQUEST, ":scheme")),
  },
  {
    id: "http2/8.1.2.3/4",
    must: "refuses a call without :path",
    steps: malformed(replaceField(REQUEST, ":path")),
  },
  {
    id: "http2/8.1.2.3/5",
    must: "refuses a second :method",
    steps: malformed([[":method", "POST"], ...REQUEST]),
  },
  {
    id: "http2/8.1.2.3/6",
    must: "refuses a second :scheme",
    steps: malformed([[":scheme", "http"], ...REQUEST]),
  },
  {
    id: "http2/8.1.2.3/7",
    must: "refuses a second :path",
    steps: malformed([[":path", "/grpc.testing.TestService/EmptyCall"], ...REQUEST]),
  },
  {
    id: "http2/8.1.2.6/1",
    must: "refuses a content-length which is not that of the DATA frame",
    steps: [request(1, [["content-length", "1"]]), streamError(1, "PROTOCOL_ERROR")],
  },
  {
    id: "http2/8.1.2.6/2",
    must: "refuses a content-length which is not the sum of the DATA frames",
    steps: [
      openRequest(1, [...REQUEST, ["content-length", "1"]]),
      data(1, EMPTY_MESSAGE.subarray(0, 1)),
      data(1, EMPTY_MESSAGE.subarray(1), Flag.END_STREAM),
      streamError(1, "PROTOCOL_ERROR"),
    ],
  },
  {
    id: "http2/8.2/1",
    must: "refuses PUSH_PROMISE",
    steps: [
      openRequest(1),
      frame(
        FrameType.PUSH_PROMISE,
        Flag.END_HEADERS,
        1,
        Buffer.concat([uint32(3), headerBlock(REQUEST)]),
      ),
      connectionError("PROTOCOL_ERROR"),
    ],
  },
];

function malformed(fields: readonly HeaderField[]): ScriptStep[] {
  return [requestOf(1, headerBlock(fields)), streamError(1, "PROTOCOL_ERROR")];
}
