import {
  CLIENT_PREFACE_MAGIC,
  continuation,
  data,
  ErrorCode,
  Flag,
  goaway,
  headers,
  ping,
  priority,
  priorityPayload,
  rstStream,
  SettingId,
  settings,
  windowUpdate,
  withPadding,
} from "../testing/frames.ts";
import {
  EMPTY_MESSAGE,
  headerBlock,
  openRequest,
  REQUEST,
  replaceField,
  request,
} from "../testing/messages.ts";
import {
  anyResponse,
  dataOfLength,
  emptyResponse,
  pingAck,
  pong,
  pongOrClose,
  settingsAcknowledged,
  settingsArrive,
} from "../testing/script.ts";
import type { ServerCase } from "./server-case.ts";

const FRAGMENT = headerBlock(REQUEST);
const NO_WINDOW = settings([SettingId.INITIAL_WINDOW_SIZE, 0]);
const END = Flag.END_STREAM;
const message = data(1, EMPTY_MESSAGE, END);

/** What a server must take without complaint, but for HPACK. */
export const serverGenericCases: readonly ServerCase[] = [
  {
    id: "generic/1/1",
    must: "answers a client's preface with SETTINGS",
    sendsOwnPreface: true,
    steps: [CLIENT_PREFACE_MAGIC, settings([SettingId.INITIAL_WINDOW_SIZE, 65535]), settingsArrive],
  },
  {
    id: "generic/2/1",
    must: "takes PRIORITY on an idle stream",
    steps: [priority(1), pingAck],
  },
  {
    id: "generic/2/2",
    must: "takes WINDOW_UPDATE on a half-closed stream, and goes on with its answer",
    steps: [
      NO_WINDOW,
      request(1),
      dataOfLength(1, 0),
      windowUpdate(1, 1),
      dataOfLength(1, 1),
      windowUpdate(1, 100),
      emptyResponse(1),
    ],
  },
  {
    id: "generic/2/3",
    must: "takes PRIORITY on a half-closed stream",
    steps: [NO_WINDOW, request(1), priority(1), windowUpdate(1, 100), emptyResponse(1)],
  },
  {
    id: "generic/2/4",
    must: "takes RST_STREAM on a half-closed stream",
    steps: [NO_WINDOW, request(1), rstStream(1, ErrorCode.CANCEL), pingAck],
  },
  {
    id: "generic/2/5",
    must: "takes PRIORITY on a closed stream",
    steps: [request(1), emptyResponse(1), priority(1), pingAck],
  },
  {
    id: "generic/3.1/1",
    must: "takes a message in one DATA frame",
    steps: [openRequest(1), message, emptyResponse(1)],
  },
  {
    id: "generic/3.1/2",
    must: "takes a message in several DATA frames",
    steps: [
      openRequest(1),
      data(1, EMPTY_MESSAGE.subarray(0, 2)),
      data(1, EMPTY_MESSAGE.subarray(2), END),
      emptyResponse(1),
    ],
  },
  {
    id: "generic/3.1/3",
    must: "takes DATA with padding",
    steps: [
      openRequest(1),
      data(1, withPadding(EMPTY_MESSAGE, 5), END | Flag.PADDED),
      emptyResponse(1),
    ],
  },
  {
    id: "generic/3.2/1",
    must: "takes HEADERS",
    steps: [request(1), emptyResponse(1)],
  },
  {
    id: "generic/3.2/2",
    must: "takes HEADERS with padding",
    steps: [
      headers(1, withPadding(FRAGMENT, 8), Flag.END_HEADERS | Flag.PADDED),
      message,
      emptyResponse(1),
    ],
  },
  {
    id: "generic/3.2/3",
    must: "takes HEADERS with priority",
    steps: [
      headers(1, Buffer.concat([priorityPayload(0), FRAGMENT]), Flag.END_HEADERS | Flag.PRIORITY),
      message,
      emptyResponse(1),
    ],
  },
  {
    id: "generic/3.3/1",
    must: "takes PRIORITY with weight 1",
    steps: [priority(1, priorityPayload(0, 0)), request(1), emptyResponse(1)],
  },
  {
    id: "generic/3.3/2",
    must: "takes PRIORITY with weight 256",
    steps: [priority(1, priorityPayload(0, 255)), request(1), emptyResponse(1)],
  },
  {
    id: "generic/3.3/3",
    must: "takes PRIORITY with a dependency on another stream",
    steps: [priority(3, priorityPayload(1)), request(1), emptyResponse(1)],
  },
  {
    id: "generic/3.3/4",
    must: "takes PRIORITY with an exclusive dependency",
    steps: [priority(1, priorityPayload(0, 0, true)), request(1), emptyResponse(1)],
  },
  {
    id: "generic/3.3/5",
    must: "answers on a lower stream than the idle one that PRIORITY named",
    steps: [priority(3), request(1), emptyResponse(1)],
  },
  {
    id: "generic/3.4/1",
    must: "takes RST_STREAM on an open stream",
    steps: [openRequest(1), rstStream(1, ErrorCode.CANCEL), pingAck],
  },
  {
    id: "generic/3.5/1",
    must: "takes each defined setting",
    steps: [
      settings(
        [SettingId.HEADER_TABLE_SIZE, 4096],
        [SettingId.ENABLE_PUSH, 1],
        [SettingId.MAX_CONCURRENT_STREAMS, 100],
        [SettingId.INITIAL_WINDOW_SIZE, 65535],
        [SettingId.MAX_FRAME_SIZE, 16384],
        [SettingId.MAX_HEADER_LIST_SIZE, 100],
      ),
      settingsAcknowledged,
    ],
  },
  {
    id: "generic/3.7/1",
    must: "answers PING",
    steps: [ping("pingpong"), pong("pingpong")],
  },
  {
    id: "generic/3.8/1",
    must: "takes GOAWAY",
    steps: [goaway(0, ErrorCode.NO_ERROR), ping("pingpong"), pongOrClose("pingpong")],
  },
  {
    id: "generic/3.9/1",
    must: "takes WINDOW_UPDATE of the connection",
    steps: [windowUpdate(0, 1), pingAck],
  },
  {
    id: "generic/3.9/2",
    must: "takes WINDOW_UPDATE of a stream",
    steps: [openRequest(1), windowUpdate(1, 1), message, emptyResponse(1)],
  },
  {
    id: "generic/3.10/1",
    must: "takes a header block in HEADERS and CONTINUATION",
    steps: [
      headers(1, FRAGMENT.subarray(0, 5), 0),
      continuation(1, FRAGMENT.subarray(5)),
      message,
      emptyResponse(1),
    ],
  },
  {
    id: "generic/3.10/2",
    must: "takes a header block in HEADERS and two CONTINUATION",
    steps: [
      headers(1, FRAGMENT.subarray(0, 5), 0),
      continuation(1, FRAGMENT.subarray(5, 10), 0),
      continuation(1, FRAGMENT.subarray(10)),
      message,
      emptyResponse(1),
    ],
  },
  {
    id: "generic/4/1",
    must: "responds to GET, though no call is one",
    steps: [getOrHead("GET"), anyResponse(1), pingAck],
  },
  {
    id: "generic/4/2",
    must: "responds to HEAD without content",
    steps: [getOrHead("HEAD"), anyResponse(1), dataOfLength(1, 0)],
  },
  {
    id: "generic/4/3",
    must: "responds to POST",
    steps: [request(1), emptyResponse(1), request(3), emptyResponse(3)],
  },
  {
    id: "generic/4/4",
    must: "responds to POST with trailers",
    steps: [
      openRequest(1, [...REQUEST, ["trailer", "x-test"]]),
      data(1, EMPTY_MESSAGE),
      headers(1, headerBlock([["x-test", "ok"]]), END | Flag.END_HEADERS),
      emptyResponse(1),
    ],
  },
];

function getOrHead(method: string): Buffer {
  const fields = replaceField(REQUEST, ":method", method);
  return headers(1, headerBlock(fields), END | Flag.END_HEADERS);
}
