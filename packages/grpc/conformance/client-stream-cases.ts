import assert from "node:assert/strict";
import { Code } from "@connectrpc/connect";
import {
  continuation,
  data,
  ErrorCode,
  errorCodeOf,
  Flag,
  type Frame,
  FrameType,
  frame,
  headers,
  priority,
  rstStream,
  SettingId,
  settings,
  settingsAck,
  windowUpdate,
} from "../testing/frames.ts";
import {
  EMPTY_MESSAGE,
  headerBlock,
  hpackString,
  RESPONSE,
  responseHeadersFrame,
  responseTrailersFrame,
  wholeResponse,
} from "../testing/messages.ts";
import {
  connectionError,
  noNewStream,
  pingAck,
  requestArrives,
  requestIsCancelled,
  requestStarts,
  settingsAcknowledged,
  settingsArrive,
} from "../testing/script.ts";
import type { ClientCase, TestServiceClient } from "./client-case.ts";

const FRAGMENT = headerBlock(RESPONSE);
const END = Flag.END_STREAM;
const reset = rstStream(1, ErrorCode.CANCEL);
/** content-type: application/grpc, which enters the table (RFC 7541, section 6.2.1). */
const indexedContentType = Buffer.concat([Buffer.of(0x40 | 31), hpackString("application/grpc")]);

/** Section 5: streams and their states, errors. */
export const clientStreamCases: readonly ClientCase[] = [
  {
    id: "client/5.1/1",
    must: "refuses DATA on an idle stream of the server",
    steps: [data(2, EMPTY_MESSAGE, END), connectionError("PROTOCOL_ERROR")],
    outcome: "fails",
  },
  {
    id: "client/5.1/2",
    must: "refuses DATA on an idle stream of its own",
    steps: [data(3, EMPTY_MESSAGE, END), connectionError("PROTOCOL_ERROR")],
    outcome: "fails",
  },
  {
    id: "client/5.1/3",
    must: "refuses RST_STREAM on an idle stream",
    steps: [rstStream(3, ErrorCode.CANCEL), connectionError("PROTOCOL_ERROR")],
    outcome: "fails",
  },
  {
    id: "client/5.1/4",
    must: "refuses WINDOW_UPDATE on an idle stream",
    steps: [windowUpdate(3, 100), connectionError("PROTOCOL_ERROR")],
    outcome: "fails",
  },
  {
    id: "client/5.1/5",
    must: "refuses CONTINUATION on an idle stream",
    steps: [continuation(2, FRAGMENT), connectionError("PROTOCOL_ERROR")],
    outcome: "fails",
  },
  {
    id: "client/5.1/6",
    must: "refuses an answer to a call that it did not make",
    steps: [headers(3, FRAGMENT), connectionError("PROTOCOL_ERROR")],
    outcome: "fails",
  },
  {
    id: "client/5.1/7",
    must: "drops DATA behind RST_STREAM",
    steps: [responseHeadersFrame(1), reset, data(1, EMPTY_MESSAGE, END), pingAck],
    outcome: Code.Canceled,
  },
  {
    id: "client/5.1/8",
    must: "drops DATA on a closed stream",
    steps: [wholeResponse(1), data(1, EMPTY_MESSAGE, END), pingAck],
    outcome: "succeeds",
  },
  {
    id: "client/5.1/9",
    // RFC 9113, section 5.1, permits an error of the connection, which would end the calls beside it.
    must: "drops HEADERS on a closed stream",
    steps: [wholeResponse(1), headers(1, FRAGMENT), pingAck],
    outcome: "succeeds",
  },
  {
    id: "client/5.1/10",
    must: "refuses CONTINUATION on a closed stream",
    steps: [
      wholeResponse(1),
      continuation(1, FRAGMENT),
      connectionError("STREAM_CLOSED", "PROTOCOL_ERROR"),
    ],
    outcome: "succeeds",
  },
  {
    id: "client/5.1/11",
    must: "takes PRIORITY, WINDOW_UPDATE and RST_STREAM on a closed stream",
    steps: [
      wholeResponse(1),
      priority(1),
      windowUpdate(1, 1),
      rstStream(1, ErrorCode.NO_ERROR),
      pingAck,
    ],
    outcome: "succeeds",
  },
  {
    id: "client/5.1/12",
    must: "drops DATA that was on its way when it gave up the call",
    call: giveUp,
    steps: [requestIsCancelled(1), responseHeadersFrame(1), data(1, EMPTY_MESSAGE), pingAck],
    outcome: Code.Canceled,
  },
  {
    id: "client/5.1/13",
    must: "drops the end of an answer that was on its way when it gave up the call",
    call: giveUp,
    steps: [requestIsCancelled(1), wholeResponse(1), pingAck],
    outcome: Code.Canceled,
  },
  {
    id: "client/5.1/14",
    must: "drops RST_STREAM that was on its way when it gave up the call",
    call: giveUp,
    steps: [requestIsCancelled(1), rstStream(1, ErrorCode.CANCEL), pingAck],
    outcome: Code.Canceled,
  },
  {
    id: "client/5.1/15",
    must: "drops trailers behind RST_STREAM, and keeps the field table up to date",
    call: async (client) => {
      await assert.rejects(client.emptyCall({}), { code: Code.Canceled });
      await client.emptyCall({});
    },
    steps: [
      reset,
      headers(1, Buffer.concat([indexedContentType, headerBlock(RESPONSE)])),
      requestArrives(3),
      headers(3, Buffer.concat([headerBlock([[":status", "200"]]), Buffer.of(0x80 | 62)])),
      data(3, EMPTY_MESSAGE),
      responseTrailersFrame(3),
    ],
    outcome: "succeeds",
  },
  {
    id: "client/5.1/16",
    must: "resets the rest of a request whose response is complete",
    call: (client) => client.streamingInputCall(endless()),
    serverPreface: settings(),
    steps: [
      settingsArrive,
      settingsAck,
      settingsAcknowledged,
      requestStarts(1),
      wholeResponse(1),
      async (peer) => {
        const isReset = ({ type, stream }: Frame) => type === FrameType.RST_STREAM && stream === 1;
        const frame = await peer.takeFrame(isReset, "RST_STREAM on 1");
        assert.equal(errorCodeOf(frame), ErrorCode.NO_ERROR);
      },
    ],
    outcome: "succeeds",
  },
  {
    id: "client/5.1.1/1",
    must: "refuses a stream that the server opens",
    steps: [headers(2, FRAGMENT), connectionError("PROTOCOL_ERROR")],
    outcome: "fails",
  },
  {
    id: "client/5.1.1/2",
    must: "numbers its streams 1, 3, 5",
    call: async (client) => {
      for (let calls = 0; calls < 3; calls++) await client.emptyCall({});
    },
    steps: [
      wholeResponse(1),
      requestArrives(3),
      wholeResponse(3),
      requestArrives(5),
      wholeResponse(5),
    ],
    outcome: "succeeds",
  },
  {
    id: "client/5.1.2/1",
    must: "opens no more streams at once than the server takes",
    serverPreface: settings([SettingId.MAX_CONCURRENT_STREAMS, 1]),
    call: async (client) => {
      await client.emptyCall({});
      await Promise.all([client.emptyCall({}), client.emptyCall({})]);
    },
    steps: [
      settingsArrive,
      settingsAck,
      settingsAcknowledged,
      requestArrives(1),
      wholeResponse(1),
      requestArrives(3),
      noNewStream,
      wholeResponse(3),
    ],
    outcome: "succeeds",
  },
  {
    id: "client/5.4.1/1",
    must: "sends GOAWAY and closes the connection at a connection error",
    steps: [frame(FrameType.PING, 0, 3, Buffer.alloc(8)), connectionError("PROTOCOL_ERROR")],
    outcome: "fails",
  },
];

async function* endless() {
  await new Promise(() => undefined);
  yield {};
}

async function giveUp(client: TestServiceClient): Promise<unknown> {
  const controller = new AbortController();
  setTimeout(() => controller.abort(), 100);
  return client.emptyCall({}, { signal: controller.signal });
}
