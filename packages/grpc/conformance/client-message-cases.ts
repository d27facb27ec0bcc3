import { Code } from "@connectrpc/connect";
import { data, Flag, headers } from "../testing/frames.ts";
import {
  EMPTY_MESSAGE,
  type HeaderField,
  headerBlock,
  RESPONSE,
  replaceField,
  responseHeadersFrame,
  responseTrailersFrame,
  TRAILERS,
  wholeResponse,
} from "../testing/messages.ts";
import { pingAck, streamError } from "../testing/script.ts";
import type { ClientCase } from "./client-case.ts";

const END = Flag.END_STREAM | Flag.END_HEADERS;
const message = data(1, EMPTY_MESSAGE);

/** Section 8: answers that are malformed as HTTP messages, and answers that only look so. */
export const clientMessageCases: readonly ClientCase[] = [
  {
    id: "client/8.1/1",
    must: "refuses trailers without END_STREAM",
    steps: [
      responseHeadersFrame(1),
      message,
      headers(1, headerBlock(TRAILERS)),
      streamError(1, "PROTOCOL_ERROR"),
    ],
    outcome: "fails",
  },
  {
    id: "client/8.1/2",
    must: "refuses DATA before HEADERS",
    steps: [message, streamError(1, "PROTOCOL_ERROR")],
    outcome: "fails",
  },
  {
    id: "client/8.1/3",
    must: "skips interim answers",
    steps: [
      responseHeadersFrame(1, [[":status", "100"]]),
      responseHeadersFrame(1, [[":status", "103"]]),
      wholeResponse(1),
    ],
    outcome: "succeeds",
  },
  {
    id: "client/8.1/4",
    must: "refuses an interim answer with END_STREAM",
    steps: [headers(1, headerBlock([[":status", "103"]]), END), pingAck],
    outcome: "fails",
  },
  {
    id: "client/8.1/5",
    must: "refuses DATA behind an interim answer",
    steps: [
      responseHeadersFrame(1, [[":status", "103"]]),
      message,
      streamError(1, "PROTOCOL_ERROR"),
    ],
    outcome: "fails",
  },
  {
    id: "client/8.1/6",
    must: "takes an answer that is one HEADERS frame as the failure of the call",
    steps: [headers(1, headerBlock([...RESPONSE, ["grpc-status", "13"]]), END), pingAck],
    outcome: "fails",
  },
  ...statuses([
    ["503", [["grpc-status", "7"]], Code.PermissionDenied],
    [
      "404",
      [
        ["content-type", "text/html"],
        ["grpc-status", "8"],
      ],
      Code.ResourceExhausted,
    ],
    ["503", [], Code.Unavailable],
    ["404", [["content-type", "text/html"]], Code.Unimplemented],
    ["431", [], Code.Unknown],
    ["600", [], Code.Unknown],
    ["999", [], Code.Unknown],
    ["099", [], Code.Unknown],
  ]),
  {
    id: "client/8.1/7",
    must: "lets no call succeed whose answer ends without trailers",
    steps: [responseHeadersFrame(1), data(1, EMPTY_MESSAGE, Flag.END_STREAM), pingAck],
    outcome: "fails",
  },
  malformed("8.1.1/1", "a content-length which is less than the DATA", [
    ...RESPONSE,
    ["content-length", "1"],
  ]),
  {
    id: "client/8.1.1/2",
    must: "refuses a content-length which is more than the DATA",
    steps: [
      responseHeadersFrame(1, [...RESPONSE, ["content-length", "6"]]),
      message,
      responseTrailersFrame(1),
      pingAck,
    ],
    outcome: "fails",
  },
  malformed("8.1.1/3", "content-length twice with different values", [
    ...RESPONSE,
    ["content-length", "5"],
    ["content-length", "6"],
  ]),
  malformed("8.1.1/4", "a content-length that is no number", [
    ...RESPONSE,
    ["content-length", "five"],
  ]),
  malformed("8.2.1/1", "upper case in a field name", [...RESPONSE, ["X-TEST", "ok"]]),
  malformed("8.2.1/2", "an empty field name", [...RESPONSE, ["", "ok"]]),
  malformed("8.2.1/3", "a space in a field name", [...RESPONSE, ["x test", "ok"]]),
  malformed("8.2.1/4", "a line break in a field value", [...RESPONSE, ["x-test", "a\r\nb: c"]]),
  malformed("8.2.1/5", "a zero byte in a field value", [...RESPONSE, ["x-test", "a\0b"]]),
  malformed("8.2.2/1", "a connection field", [...RESPONSE, ["connection", "close"]]),
  malformed("8.2.2/2", "a transfer-encoding field", [
    ...RESPONSE,
    ["transfer-encoding", "chunked"],
  ]),
  malformed("8.3/1", "a pseudo-header field of a request", [[":path", "/"], ...RESPONSE]),
  malformed("8.3/2", "an unknown pseudo-header field", [[":test", "ok"], ...RESPONSE]),
  malformed("8.3/3", "a pseudo-header field behind a regular one", [["x-test", "ok"], ...RESPONSE]),
  {
    id: "client/8.3/4",
    must: "refuses a pseudo-header field in trailers",
    steps: [
      responseHeadersFrame(1),
      message,
      responseTrailersFrame(1, [[":status", "200"], ...TRAILERS]),
      pingAck,
    ],
    outcome: "fails",
  },
  malformed("8.3.2/1", "an answer without :status", replaceField(RESPONSE, ":status")),
  malformed("8.3.2/2", "a second :status", [[":status", "200"], ...RESPONSE]),
  malformed("8.3.2/3", "a :status that is not a number", replaceField(RESPONSE, ":status", "ok")),
  malformed("8.6/1", "the switch to another protocol", [[":status", "101"]]),
];

/** gRPC's own status, else what "HTTP to gRPC Status Code Mapping" makes of HTTP's. */
function statuses(
  rows: readonly (readonly [status: string, fields: readonly HeaderField[], code: Code])[],
): ClientCase[] {
  return rows.map(([status, fields, code], at) => ({
    id: `client/8.1/${at + 8}`,
    must: `ends a call with ${Code[code]} at HTTP ${status} with ${JSON.stringify(fields)}`,
    steps: [headers(1, headerBlock([[":status", status], ...fields]), END), pingAck],
    outcome: code,
  }));
}

function malformed(section: string, what: string, fields: readonly HeaderField[]): ClientCase {
  return {
    id: `client/${section}`,
    must: `refuses ${what}`,
    steps: [responseHeadersFrame(1, fields), message, streamError(1, "PROTOCOL_ERROR")],
    outcome: "fails",
  };
}
