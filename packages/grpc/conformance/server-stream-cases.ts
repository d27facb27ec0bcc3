import {
  continuation,
  data,
  ErrorCode,
  Flag,
  FrameType,
  frame,
  headers,
  priority,
  priorityPayload,
  rstStream,
  SettingId,
  settings,
  windowUpdate,
} from "../testing/frames.ts";
import {
  dummyFields,
  EMPTY_MESSAGE,
  headerBlock,
  openRequest,
  REQUEST,
  request,
} from "../testing/messages.ts";
import type { RawPeer } from "../testing/peer.ts";
import {
  connectionError,
  connectionErrorOrClose,
  emptyResponse,
  pingAck,
  streamError,
} from "../testing/script.ts";
import type { ServerCase } from "./server-case.ts";

const FRAGMENT = headerBlock(REQUEST);
const DUMMY = headerBlock(dummyFields(1, 100));
const END = Flag.END_STREAM;
const EIGHT = Buffer.alloc(8);
const lateData = data(1, EMPTY_MESSAGE, END);
const reset = rstStream(1, ErrorCode.CANCEL);
// Without a window the answer has no end, and so the stream stays half-closed.
const halfClosed = Buffer.concat([settings([SettingId.INITIAL_WINDOW_SIZE, 0]), request(1)]);

/** Section 5: streams and their states, errors and extensions. */
export const serverStreamCases: readonly ServerCase[] = [
  {
    // The list also takes a stream error with STREAM_CLOSED; RFC 9113, section 5.1, does not.
    id: "http2/5.1/1",
    must: "refuses DATA on an idle stream",
    steps: [lateData, connectionError("PROTOCOL_ERROR")],
  },
  {
    id: "http2/5.1/2",
    must: "refuses RST_STREAM on an idle stream",
    steps: [reset, connectionError("PROTOCOL_ERROR")],
  },
  {
    id: "http2/5.1/3",
    must: "refuses WINDOW_UPDATE on an idle stream",
    steps: [windowUpdate(1, 100), connectionError("PROTOCOL_ERROR")],
  },
  {
    id: "http2/5.1/4",
    must: "refuses CONTINUATION on an idle stream",
    steps: [continuation(1, FRAGMENT), connectionError("PROTOCOL_ERROR")],
  },
  {
    id: "http2/5.1/5",
    must: "refuses DATA on a half-closed stream",
    steps: [halfClosed, lateData, streamError(1, "STREAM_CLOSED")],
  },
  {
    id: "http2/5.1/6",
    must: "refuses HEADERS on a half-closed stream",
    steps: [halfClosed, openRequest(1), streamError(1, "STREAM_CLOSED")],
  },
  {
    id: "http2/5.1/7",
    must: "refuses CONTINUATION on a half-closed stream",
    steps: [
      halfClosed,
      continuation(1, FRAGMENT),
      connectionError("STREAM_CLOSED", "PROTOCOL_ERROR"),
    ],
  },
  {
    id: "http2/5.1/8",
    must: "refuses DATA behind RST_STREAM",
    steps: [openRequest(1), reset, lateData, streamError(1, "STREAM_CLOSED")],
  },
  {
    id: "http2/5.1/9",
    must: "refuses HEADERS behind RST_STREAM",
    steps: [openRequest(1), reset, request(1), streamError(1, "STREAM_CLOSED")],
  },
  {
    id: "http2/5.1/10",
    must: "refuses CONTINUATION behind RST_STREAM",
    steps: [
      openRequest(1),
      reset,
      continuation(1, DUMMY),
      connectionError("STREAM_CLOSED", "PROTOCOL_ERROR"),
    ],
  },
  {
    id: "http2/5.1/11",
    must: "refuses DATA on a closed stream",
    steps: [request(1), emptyResponse(1), lateData, streamError(1, "STREAM_CLOSED")],
  },
  {
    id: "http2/5.1/12",
    must: "refuses HEADERS on a closed stream",
    steps: [request(1), emptyResponse(1), request(1), connectionError("STREAM_CLOSED")],
  },
  {
    id: "http2/5.1/13",
    must: "refuses CONTINUATION on a closed stream",
    steps: [
      request(1),
      emptyResponse(1),
      continuation(1, DUMMY),
      connectionError("STREAM_CLOSED", "PROTOCOL_ERROR"),
    ],
  },
  {
    id: "http2/5.1.1/1",
    must: "refuses a stream with an even number",
    steps: [openRequest(2), connectionError("PROTOCOL_ERROR")],
  },
  {
    id: "http2/5.1.1/2",
    must: "refuses a new stream with a lower number than an earlier one",
    steps: [request(5), emptyResponse(5), openRequest(3), connectionError("PROTOCOL_ERROR")],
  },
  {
    id: "http2/5.1.2/1",
    must: "announces how many streams it takes at once, and refuses one more",
    steps: [tooManyStreams],
  },
  {
    // The list wants a stream error, as RFC 7540 did; RFC 9113, section 5.3, ignores priorities.
    id: "http2/5.3.1/1",
    must: "ignores that HEADERS make a stream depend on itself",
    steps: [
      headers(1, Buffer.concat([priorityPayload(1), FRAGMENT]), Flag.END_HEADERS | Flag.PRIORITY),
      lateData,
      emptyResponse(1),
    ],
  },
  {
    // As the case before.
    id: "http2/5.3.1/2",
    must: "ignores that PRIORITY makes a stream depend on itself",
    steps: [openRequest(1), priority(1, priorityPayload(1)), lateData, emptyResponse(1)],
  },
  {
    id: "http2/5.4.1/1",
    must: "closes the connection after a connection error",
    steps: [frame(FrameType.PING, 0, 3, EIGHT), connectionErrorOrClose("PROTOCOL_ERROR")],
  },
  {
    id: "http2/5.4.1/2",
    must: "sends GOAWAY at a connection error",
    steps: [frame(FrameType.PING, 0, 3, EIGHT), connectionError("PROTOCOL_ERROR")],
  },
  {
    id: "http2/5.5/1",
    must: "ignores unknown frames, on streams too",
    steps: [
      frame(0x16, 0, 0, EIGHT),
      openRequest(1),
      frame(0x16, 0, 1, EIGHT),
      lateData,
      emptyResponse(1),
      pingAck,
    ],
  },
  {
    id: "http2/5.5/2",
    must: "refuses an unknown frame within a header block",
    steps: [
      headers(1, FRAGMENT, 0),
      frame(0x16, 0, 0, EIGHT),
      continuation(1, DUMMY),
      connectionError("PROTOCOL_ERROR"),
    ],
  },
];

async function tooManyStreams(peer: RawPeer): Promise<void> {
  const limit = peer.settings.get(SettingId.MAX_CONCURRENT_STREAMS);
  if (limit === undefined || limit > 10_000) throw new Error(`No limit of streams, but ${limit}`);
  const calls = Array.from({ length: limit + 1 }, (_, at) => openRequest(2 * at + 1));
  peer.write(Buffer.concat(calls));
  await streamError(2 * limit + 1, "PROTOCOL_ERROR", "REFUSED_STREAM")(peer);
}
