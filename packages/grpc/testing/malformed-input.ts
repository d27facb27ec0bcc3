import { gzipSync } from "node:zlib";
import { data, Flag, headers, rstStream } from "./frames.ts";
import {
  EMPTY_MESSAGE,
  type HeaderField,
  headerBlock,
  openRequest,
  REQUEST,
  RESPONSE,
  replaceField,
} from "./messages.ts";

/** What is wrong, the frames or the message that are so, and the fields that go before a message. */
export type MalformedInput = readonly [
  what: string,
  bytes: Buffer,
  fields?: readonly HeaderField[],
];

const END = Flag.END_STREAM | Flag.END_HEADERS;
const mebibyte = 1024 * 1024;
/** The field that announces gzip. */
export const gzipEncodingFields: readonly HeaderField[] = [["grpc-encoding", "gzip"]];

/** A message as gRPC frames it, with whatever flags and declared length. */
export function grpcMessage(flags: number, body: Uint8Array, length = body.length): Buffer {
  const prefix = Buffer.alloc(5);
  prefix.writeUInt8(flags);
  prefix.writeUInt32BE(length, 1);
  return Buffer.concat([prefix, body]);
}

const withField = (name: string, value: string) => headerBlock([...REQUEST, [name, value]]);

/** Beginnings of streams that no client of gRPC makes. */
export const malformedRequests: readonly MalformedInput[] = [
  ["HEADERS without any field", headers(1, Buffer.of())],
  ["HEADERS that end the stream at once", headers(1, headerBlock(REQUEST), END)],
  ["HEADERS reset at once", Buffer.concat([openRequest(1), rstStream(1, 8)])],
  [
    "DATA that ends the stream without a message",
    Buffer.concat([openRequest(1), data(1, Buffer.of(), 1)]),
  ],
  ...[":path", ":method", ":scheme", "content-type", "te"].map(
    (name) => [`no ${name}`, headers(1, headerBlock(replaceField(REQUEST, name)), END)] as const,
  ),
  ...["", "/", "//", "*", "/a", "/a/b/c", "/__proto__/constructor", "\xff\xfe", "/\x7f/%00"].map(
    (path) =>
      [
        `:path ${JSON.stringify(path)}`,
        headers(1, headerBlock(replaceField(REQUEST, ":path", path)), END),
      ] as const,
  ),
  ...["", "1", "S", "-1S", "1e3S", "99999999999S", "0n", "1\xffS"].map(
    (timeout) =>
      [
        `grpc-timeout ${JSON.stringify(timeout)}`,
        headers(1, withField("grpc-timeout", timeout), END),
      ] as const,
  ),
  ...["", "gzip,gzip", "__proto__", "constructor", "deflate"].map(
    (encoding) =>
      [
        `grpc-encoding ${JSON.stringify(encoding)}`,
        headers(1, withField("grpc-encoding", encoding), END),
      ] as const,
  ),
  ...["__proto__", "constructor", "x-bin", "grpc-status", ":status", "a b", "\xff"].map(
    (name) =>
      [`a field called ${JSON.stringify(name)}`, headers(1, withField(name, "%%%"), END)] as const,
  ),
];

const gzip = gzipSync(Buffer.from("0a00", "hex"));
const flipped = Buffer.from(gzip);
flipped[flipped.length - 5] = (flipped.at(-5) as number) ^ 0xff;

/** Compressed messages that cannot be decompressed, or should not be there. */
export const malformedMessages: readonly MalformedInput[] = [
  ["no bytes", grpcMessage(1, Buffer.of())],
  ["bytes that are no gzip", grpcMessage(1, Buffer.from("not gzip at all"))],
  ["gzip that is cut off", grpcMessage(1, gzip.subarray(0, -9))],
  ["gzip of a wrong checksum", grpcMessage(1, flipped)],
  ["gzip of reserved flags", grpcMessage(1, Buffer.from("1f8b08ff00000000", "hex"))],
  ["gzip of what is no message", grpcMessage(1, gzipSync(Buffer.from("ffffff", "hex")))],
  ["gzip without grpc-encoding", grpcMessage(1, gzip), []],
  ["flags that mean nothing", grpcMessage(2, gzip)],
  ["all flags", grpcMessage(255, gzip)],
];

/** Messages that are larger than they say, or than is allowed. */
export const tooLargeMessages: readonly MalformedInput[] = [
  ["4 GiB declared", grpcMessage(0, Buffer.of(), 2 ** 32 - 1)],
  ["a byte too much declared", grpcMessage(0, Buffer.of(), 4 * mebibyte + 1)],
  [
    "gzip that becomes a thousand times larger",
    grpcMessage(1, gzipSync(Buffer.alloc(8 * mebibyte))),
  ],
  [
    "two members of gzip that are too large together",
    grpcMessage(
      1,
      Buffer.concat([gzipSync(Buffer.alloc(3 * mebibyte)), gzipSync(Buffer.alloc(3 * mebibyte))]),
    ),
  ],
];

/** Beginnings of answers that no server of gRPC makes. */
export const malformedResponses: readonly MalformedInput[] = [
  ["HEADERS without any field", headers(1, Buffer.of())],
  ["no :status", headers(1, headerBlock(replaceField(RESPONSE, ":status")), END)],
  [
    "a :status that is no number",
    headers(1, headerBlock(replaceField(RESPONSE, ":status", "abc")), END),
  ],
  ["no content-type", headers(1, headerBlock(replaceField(RESPONSE, "content-type")), END)],
  [
    "a grpc-status that is no number",
    headers(1, headerBlock([...RESPONSE, ["grpc-status", "x"]]), END),
  ],
  [
    "broken details of the error",
    headers(
      1,
      headerBlock([...RESPONSE, ["grpc-status", "3"], ["grpc-status-details-bin", "%"]]),
      END,
    ),
  ],
  [
    "a message that is no UTF-8",
    headers(1, headerBlock([...RESPONSE, ["grpc-status", "3"], ["grpc-message", "%ff%"]]), END),
  ],
  ["DATA first", data(1, EMPTY_MESSAGE)],
];
