import { Code } from "@connectrpc/connect";
import {
  data,
  ErrorCode,
  Flag,
  FrameType,
  frame,
  headers,
  priority,
  priorityPayload,
  rstStream,
  uint32,
  withPadding,
} from "../testing/frames.ts";
import {
  EMPTY_MESSAGE,
  headerBlock,
  REQUEST,
  RESPONSE,
  responseHeadersFrame,
  responseTrailersFrame,
  wholeResponse,
} from "../testing/messages.ts";
import {
  connectionError,
  requestArrives,
  type ScriptStep,
  streamError,
} from "../testing/script.ts";
import type { ClientCase } from "./client-case.ts";

const FRAGMENT = headerBlock(RESPONSE);
const END = Flag.END_STREAM;
const message = data(1, EMPTY_MESSAGE);

/** Sections 6.1 to 6.4 and 6.6: DATA, HEADERS, PRIORITY, RST_STREAM, PUSH_PROMISE. */
export const clientFrameCases: readonly ClientCase[] = [
  {
    id: "client/6.1/1",
    must: "refuses DATA on stream 0",
    steps: [data(0, EMPTY_MESSAGE, END), connectionError("PROTOCOL_ERROR")],
    outcome: "fails",
  },
  {
    id: "client/6.1/2",
    must: "refuses DATA whose padding is longer than its payload",
    steps: [
      responseHeadersFrame(1),
      data(1, Buffer.of(6, 0, 0, 0, 0), Flag.PADDED),
      connectionError("PROTOCOL_ERROR"),
    ],
    outcome: "fails",
  },
  {
    id: "client/6.1/3",
    must: "refuses DATA with the flag but not the length of padding",
    steps: [
      responseHeadersFrame(1),
      data(1, Buffer.alloc(0), Flag.PADDED),
      connectionErrorOfLength(),
    ],
    outcome: "fails",
  },
  {
    id: "client/6.1/4",
    must: "takes DATA with padding, without payload, and of nothing but padding",
    steps: [
      responseHeadersFrame(1),
      data(1, Buffer.alloc(0)),
      data(1, withPadding(EMPTY_MESSAGE.subarray(0, 2), 200), Flag.PADDED),
      data(1, withPadding(Buffer.alloc(0), 0), Flag.PADDED),
      data(1, withPadding(EMPTY_MESSAGE.subarray(2), 0), Flag.PADDED),
      responseTrailersFrame(1),
    ],
    outcome: "succeeds",
  },
  {
    id: "client/6.2/1",
    must: "refuses HEADERS on stream 0",
    steps: [headers(0, FRAGMENT), connectionError("PROTOCOL_ERROR")],
    outcome: "fails",
  },
  {
    id: "client/6.2/2",
    must: "refuses HEADERS whose padding is longer than the payload",
    steps: [
      headers(
        1,
        Buffer.concat([Buffer.of(FRAGMENT.length + 1), FRAGMENT]),
        Flag.END_HEADERS | Flag.PADDED,
      ),
      connectionError("PROTOCOL_ERROR"),
    ],
    outcome: "fails",
  },
  {
    id: "client/6.2/3",
    must: "takes HEADERS with padding and priority",
    steps: [
      headers(
        1,
        withPadding(Buffer.concat([priorityPayload(0), FRAGMENT]), 8),
        Flag.END_HEADERS | Flag.PADDED | Flag.PRIORITY,
      ),
      message,
      responseTrailersFrame(1),
    ],
    outcome: "succeeds",
  },
  {
    id: "client/6.2/4",
    must: "refuses HEADERS that have no room for the priority they announce",
    steps: [
      headers(1, Buffer.alloc(4), Flag.END_HEADERS | Flag.PRIORITY),
      connectionError("FRAME_SIZE_ERROR"),
    ],
    outcome: "fails",
  },
  {
    id: "client/6.3/1",
    must: "refuses PRIORITY on stream 0",
    steps: [priority(0), connectionError("PROTOCOL_ERROR")],
    outcome: "fails",
  },
  {
    id: "client/6.3/2",
    must: "refuses PRIORITY with a length other than five",
    steps: [priority(1, Buffer.alloc(4)), streamError(1, "FRAME_SIZE_ERROR")],
    outcome: "fails",
  },
  {
    id: "client/6.3/3",
    must: "ignores PRIORITY, of idle streams and dependencies on itself too",
    steps: [
      priority(1, priorityPayload(1)),
      priority(2),
      priority(99, priorityPayload(1)),
      wholeResponse(1),
    ],
    outcome: "succeeds",
  },
  {
    id: "client/6.3/4",
    must: "refuses PRIORITY with a length other than five on an idle stream",
    steps: [priority(3, Buffer.alloc(6)), streamError(3, "FRAME_SIZE_ERROR")],
    outcome: "settles",
  },
  {
    id: "client/6.4/1",
    must: "refuses RST_STREAM on stream 0",
    steps: [rstStream(0, ErrorCode.CANCEL), connectionError("PROTOCOL_ERROR")],
    outcome: "fails",
  },
  {
    id: "client/6.4/2",
    must: "refuses RST_STREAM with a length other than four",
    steps: [
      frame(FrameType.RST_STREAM, 0, 1, Buffer.alloc(3)),
      connectionError("FRAME_SIZE_ERROR"),
    ],
    outcome: "fails",
  },
  {
    id: "client/6.4/3",
    must: "repeats a call that the server refused before it was processed",
    steps: [rstStream(1, ErrorCode.REFUSED_STREAM), requestArrives(3), wholeResponse(3)],
    outcome: "succeeds",
  },
  ...resets([
    ["NO_ERROR", Code.Internal],
    ["PROTOCOL_ERROR", Code.Internal],
    ["INTERNAL_ERROR", Code.Internal],
    ["FLOW_CONTROL_ERROR", Code.Internal],
    ["CANCEL", Code.Canceled],
    ["ENHANCE_YOUR_CALM", Code.ResourceExhausted],
    ["INADEQUATE_SECURITY", Code.PermissionDenied],
  ]),
  {
    id: "client/6.4/11",
    must: "takes RST_STREAM with an unknown error code as the end of the call alone",
    steps: [rstStream(1, 0xff)],
    outcome: "fails",
  },
  {
    id: "client/6.4/12",
    must: "takes the answer that came whole before RST_STREAM",
    steps: [wholeResponse(1), rstStream(1, ErrorCode.NO_ERROR)],
    outcome: "succeeds",
  },
  {
    id: "client/6.6/1",
    must: "refuses PUSH_PROMISE, having disabled push",
    steps: pushPromise(1),
    outcome: "fails",
  },
  {
    id: "client/6.6/2",
    must: "refuses PUSH_PROMISE on stream 0",
    steps: pushPromise(0),
    outcome: "fails",
  },
];

function connectionErrorOfLength(): ScriptStep {
  return connectionError("FRAME_SIZE_ERROR", "PROTOCOL_ERROR");
}

/** The codes of gRPC for those of RST_STREAM are in its specification, "Errors" of HTTP/2. */
function resets(codes: readonly (readonly [keyof typeof ErrorCode, Code])[]): ClientCase[] {
  return codes.map(([name, code], at) => ({
    id: `client/6.4/${at + 4}`,
    must: `ends a call with ${Code[code]} at RST_STREAM with ${name}`,
    steps: [responseHeadersFrame(1), rstStream(1, ErrorCode[name])],
    outcome: code,
  }));
}

function pushPromise(stream: number): ScriptStep[] {
  const payload = Buffer.concat([uint32(2), headerBlock(REQUEST)]);
  const promise = frame(FrameType.PUSH_PROMISE, Flag.END_HEADERS, stream, payload);
  return [promise, connectionError("PROTOCOL_ERROR")];
}
