import { data, Flag, headers, SettingId } from "../testing/frames.ts";
import {
  indexingFields,
  malformedEnds,
  newestField,
  sizeUpdate,
  staticField,
  unindexedFields,
} from "../testing/hpack-fragments.ts";
import {
  EMPTY_MESSAGE,
  headerBlock,
  RESPONSE,
  responseTrailersFrame,
  TRAILERS,
} from "../testing/messages.ts";
import { connectionError } from "../testing/script.ts";
import type { ClientCase } from "./client-case.ts";

const END = Flag.END_STREAM | Flag.END_HEADERS;
const message = data(1, EMPTY_MESSAGE);
const fragment = headerBlock(RESPONSE);

/**
 * Header blocks, well-formed and malformed. Trailers, which refer to the newest field of the dynamic
 * table, tell whether the HEADERS before have put one there.
 */
export const clientHpackCases: readonly ClientCase[] = [
  {
    id: "client/hpack/6.1/1",
    must: "takes an indexed field",
    steps: [headers(1, Buffer.concat([fragment, staticField])), message, responseTrailersFrame(1)],
    outcome: "succeeds",
  },
  ...indexingFields.map(
    ({ description: what, bytes }, at): ClientCase => ({
      id: `client/hpack/6.2.1/${at + 1}`,
      must: `takes ${what}, and keeps it`,
      steps: answerReferring(bytes),
      outcome: "succeeds",
    }),
  ),
  ...unindexedFields.map(
    ({ description: what, bytes }, at): ClientCase => ({
      id: `client/hpack/6.2.2/${at + 1}`,
      must: `takes ${what}, and does not keep it`,
      steps: [...answerReferring(bytes), connectionError("COMPRESSION_ERROR")],
      outcome: "fails",
    }),
  ),
  ...malformedEnds.map(
    ({ id, description: what, bytes }): ClientCase => ({
      id: `client/hpack/${id === "6.1/1" ? "6.1/2" : id}`,
      must: `refuses ${what}`,
      steps: [headers(1, Buffer.concat([fragment, bytes])), connectionError("COMPRESSION_ERROR")],
      outcome: "fails",
    }),
  ),
  {
    id: "client/hpack/6.3/1",
    must: "takes two size updates of the dynamic table in one header block",
    steps: [
      headers(1, Buffer.concat([sizeUpdate(128), sizeUpdate(4096), fragment])),
      message,
      responseTrailersFrame(1),
    ],
    outcome: "succeeds",
  },
  {
    id: "client/hpack/6.3/2",
    must: "refuses a size update beyond SETTINGS_HEADER_TABLE_SIZE",
    steps: [
      async (peer) => {
        const limit = peer.settings.get(SettingId.HEADER_TABLE_SIZE) ?? 4096;
        peer.write(headers(1, Buffer.concat([sizeUpdate(limit + 1), fragment])));
      },
      connectionError("COMPRESSION_ERROR"),
    ],
    outcome: "fails",
  },
];

function answerReferring(field: Buffer): Buffer[] {
  const trailers = Buffer.concat([headerBlock(TRAILERS), newestField]);
  return [headers(1, Buffer.concat([fragment, field])), message, headers(1, trailers, END)];
}
