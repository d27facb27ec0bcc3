import { setTimeout as sleep } from "node:timers/promises";
import { Code } from "@connectrpc/connect";
import {
  continuation,
  data,
  ErrorCode,
  Flag,
  FrameType,
  frame,
  goaway,
  headers,
  ping,
} from "../testing/frames.ts";
import {
  dummyFields,
  EMPTY_MESSAGE,
  headerBlock,
  RESPONSE,
  responseTrailersFrame,
  wholeResponse,
} from "../testing/messages.ts";
import type { RawPeer } from "../testing/peer.ts";
import { hangUp, noNewStream, pingAck, pingAckWithout, pong } from "../testing/script.ts";
import { type ClientCase, connectionErrorCase, twoCalls } from "./client-case.ts";

const FRAGMENT = headerBlock(RESPONSE);
const DUMMY = headerBlock(dummyFields(1, 100));
const message = data(1, EMPTY_MESSAGE);

/** Sections 6.7, 6.8 and 6.10: PING, GOAWAY, CONTINUATION. */
export const clientControlCases: readonly ClientCase[] = [
  {
    id: "client/6.7/1",
    must: "answers PING with the same eight bytes",
    steps: [ping("pingpong"), pong("pingpong"), wholeResponse(1)],
    outcome: "succeeds",
  },
  {
    id: "client/6.7/2",
    must: "does not answer PING that is an answer",
    steps: [
      ping("unwanted", Flag.ACK),
      pingAckWithout(({ payload }) => payload.toString() === "unwanted", "an answer"),
      wholeResponse(1),
    ],
    outcome: "succeeds",
  },
  connectionErrorCase("6.7/3", "PING on a stream", "PROTOCOL_ERROR", [
    frame(FrameType.PING, 0, 1, Buffer.alloc(8)),
  ]),
  connectionErrorCase("6.7/4", "PING with a length other than eight", "FRAME_SIZE_ERROR", [
    frame(FrameType.PING, 0, 0, Buffer.alloc(6)),
  ]),
  connectionErrorCase("6.8/1", "GOAWAY on a stream", "PROTOCOL_ERROR", [
    frame(FrameType.GOAWAY, 0, 1, Buffer.alloc(8)),
  ]),
  connectionErrorCase("6.8/2", "GOAWAY of less than eight bytes", "FRAME_SIZE_ERROR", [
    frame(FrameType.GOAWAY, 0, 0, Buffer.alloc(7)),
  ]),
  {
    id: "client/6.8/3",
    must: "finishes a call behind GOAWAY, and makes the next on another connection",
    call: twoCalls,
    steps: [goaway(1, ErrorCode.NO_ERROR), wholeResponse(1), noNewStreamSoon],
    outcome: "succeeds",
  },
  {
    id: "client/6.8/4",
    must: "repeats a call that GOAWAY says was not processed on another connection",
    steps: [goaway(0, ErrorCode.NO_ERROR)],
    outcome: "succeeds",
  },
  {
    id: "client/6.8/5",
    must: "takes a second GOAWAY with a lower last stream",
    steps: [
      goaway(2 ** 31 - 1, ErrorCode.NO_ERROR),
      pingAck,
      goaway(1, ErrorCode.NO_ERROR),
      wholeResponse(1),
    ],
    outcome: "succeeds",
  },
  {
    id: "client/6.8/6",
    must: "takes GOAWAY with an unknown error code",
    steps: [goaway(1, 0xff), wholeResponse(1)],
    outcome: "succeeds",
  },
  {
    id: "client/6.8/7",
    must: "ends a call that may have been processed when the connection closes behind GOAWAY",
    steps: [goaway(1, ErrorCode.INTERNAL_ERROR), hangUp],
    outcome: Code.Unavailable,
  },
  {
    id: "client/6.8/8",
    must: "ends a call that may have been processed when the connection closes without GOAWAY",
    steps: [hangUp],
    outcome: Code.Unavailable,
  },
  {
    id: "client/6.10/1",
    must: "takes a header block in HEADERS and several CONTINUATION",
    steps: [
      headers(1, FRAGMENT.subarray(0, 5), 0),
      continuation(1, FRAGMENT.subarray(5), 0),
      continuation(1, DUMMY, 0),
      continuation(1, Buffer.alloc(0)),
      message,
      responseTrailersFrame(1),
    ],
    outcome: "succeeds",
  },
  connectionErrorCase("6.10/2", "DATA behind CONTINUATION without END_HEADERS", "PROTOCOL_ERROR", [
    headers(1, FRAGMENT, 0),
    continuation(1, DUMMY, 0),
    message,
  ]),
  connectionErrorCase("6.10/3", "CONTINUATION on stream 0", "PROTOCOL_ERROR", [
    headers(1, FRAGMENT, 0),
    continuation(0, DUMMY),
  ]),
  connectionErrorCase("6.10/4", "CONTINUATION behind HEADERS with END_HEADERS", "PROTOCOL_ERROR", [
    headers(1, FRAGMENT),
    continuation(1, DUMMY),
  ]),
  connectionErrorCase(
    "6.10/5",
    "CONTINUATION behind CONTINUATION with END_HEADERS",
    "PROTOCOL_ERROR",
    [headers(1, FRAGMENT, 0), continuation(1, DUMMY), continuation(1, DUMMY)],
  ),
  connectionErrorCase(
    "6.10/6",
    "DATA between HEADERS without END_HEADERS and CONTINUATION",
    "PROTOCOL_ERROR",
    [headers(1, FRAGMENT, 0), message, continuation(1, DUMMY)],
  ),
];

/** Gives the client the time to make its next call, which it makes at once. */
async function noNewStreamSoon(peer: RawPeer): Promise<void> {
  await sleep(100);
  if (!peer.isClosed) await noNewStream(peer);
}
