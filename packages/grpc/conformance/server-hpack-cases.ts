import { SettingId } from "../testing/frames.ts";
import {
  indexingFields,
  malformedEnds,
  newestField,
  sizeUpdate,
  staticField,
  unindexedFields,
} from "../testing/hpack-fragments.ts";
import { headerBlock, REQUEST, requestOf } from "../testing/messages.ts";
import { connectionError, emptyResponse } from "../testing/script.ts";
import type { ServerCase } from "./server-case.ts";

/**
 * Every form of header field that a server must decode. A second call, which refers to the newest
 * field of the dynamic table, tells whether the first call has put one there.
 */
export const serverGenericHpackCases: readonly ServerCase[] = [
  {
    id: "generic/5/1",
    must: "takes an indexed field",
    steps: [ending(1, staticField), emptyResponse(1)],
  },
  ...indexingFields.map(({ description: what, bytes }, at) => ({
    id: `generic/5/${at + 2}`,
    must: `takes ${what}, and keeps it`,
    steps: [ending(1, bytes), emptyResponse(1), ending(3, newestField), emptyResponse(3)],
  })),
  ...unindexedFields.map(({ description: what, bytes }, at) => ({
    id: `generic/5/${at + 6}`,
    must: `takes ${what}, and does not keep it`,
    steps: [
      ending(1, bytes),
      emptyResponse(1),
      ending(3, newestField),
      connectionError("COMPRESSION_ERROR"),
    ],
  })),
  {
    id: "generic/5/14",
    must: "takes a size update of the dynamic table",
    steps: [beginning(sizeUpdate(128)), emptyResponse(1)],
  },
  {
    id: "generic/5/15",
    must: "takes two size updates of the dynamic table in one header block",
    steps: [beginning(sizeUpdate(128), sizeUpdate(4096)), emptyResponse(1)],
  },
];

/** Malformed header blocks. */
export const serverHpackCases: readonly ServerCase[] = [
  ...malformedEnds.map(({ id, description: what, bytes }) => ({
    id: `hpack/${id}`,
    must: `refuses ${what}`,
    steps: [ending(1, bytes), connectionError("COMPRESSION_ERROR")],
  })),
  {
    id: "hpack/6.3/1",
    must: "refuses a size update beyond SETTINGS_HEADER_TABLE_SIZE",
    steps: [
      async (peer) => {
        const limit = peer.settings.get(SettingId.HEADER_TABLE_SIZE) ?? 4096;
        peer.write(beginning(sizeUpdate(limit + 1)));
      },
      connectionError("COMPRESSION_ERROR"),
    ],
  },
];

function beginning(...pieces: Buffer[]): Buffer {
  return requestOf(1, Buffer.concat([...pieces, headerBlock(REQUEST)]));
}

function ending(stream: number, piece: Buffer): Buffer {
  return requestOf(stream, Buffer.concat([headerBlock(REQUEST), piece]));
}
