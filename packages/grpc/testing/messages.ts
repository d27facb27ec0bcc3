import { data, Flag, headers } from "./frames.ts";

/** A header field's name and value. */
export type HeaderField = readonly [name: string, value: string];

/** The fields of a valid call of EmptyCall, pseudo-header fields first. */
export const REQUEST: readonly HeaderField[] = [
  [":method", "POST"],
  [":scheme", "http"],
  [":path", "/grpc.testing.TestService/EmptyCall"],
  [":authority", "localhost"],
  ["content-type", "application/grpc"],
  ["te", "trailers"],
];

/** The fields at the beginning of a valid answer. */
export const RESPONSE: readonly HeaderField[] = [
  [":status", "200"],
  ["content-type", "application/grpc"],
];

/** The fields at the end of a valid answer. */
export const TRAILERS: readonly HeaderField[] = [["grpc-status", "0"]];

/** An empty message as gRPC frames it: not compressed, no bytes. */
export const EMPTY_MESSAGE: Buffer = Buffer.alloc(5);

const END = Flag.END_STREAM | Flag.END_HEADERS;

/** Writes a header block of literals without indexing and without Huffman coding. */
export function headerBlock(fields: readonly HeaderField[]): Buffer {
  const parts = fields.flatMap(([name, value]) => [
    Buffer.of(0),
    hpackString(name),
    hpackString(value),
  ]);
  return Buffer.concat(parts);
}

/** A string as HPACK writes it plainly (RFC 7541, section 5.2): its length, then its bytes. */
export function hpackString(text: string): Buffer {
  return Buffer.concat([hpackInteger(text.length, 7), Buffer.from(text, "latin1")]);
}

/** A number as HPACK writes it (RFC 7541, section 5.1), the bits before the prefix being `pattern`. */
export function hpackInteger(value: number, prefixBits: number, pattern = 0): Buffer {
  const limit = 2 ** prefixBits - 1;
  if (value < limit) return Buffer.of(pattern | value);
  const bytes = [pattern | limit];
  let rest = value - limit;
  for (; rest >= 128; rest = Math.floor(rest / 128)) bytes.push((rest % 128) | 128);
  return Buffer.of(...bytes, rest);
}

/** A field which nobody knows and everybody lets pass. */
export function dummyFields(count: number, length: number): HeaderField[] {
  return Array.from(
    { length: count },
    (_, at): HeaderField => [`x-dummy-${at}`, "x".repeat(length)],
  );
}

/** Replaces, or without a value removes, a field of a list. */
export function replaceField(
  fields: readonly HeaderField[],
  name: string,
  value?: string,
): HeaderField[] {
  return fields.flatMap((field): HeaderField[] => {
    if (field[0] !== name) return [field];
    return value === undefined ? [] : [[name, value]];
  });
}

/** Begins a call whose message is still to come. */
export function openRequest(stream: number, fields: readonly HeaderField[] = REQUEST): Buffer {
  return headers(stream, headerBlock(fields));
}

/** A whole call with one empty message; `fragment` is its header block. */
export function requestOf(stream: number, fragment: Uint8Array): Buffer {
  return Buffer.concat([headers(stream, fragment), data(stream, EMPTY_MESSAGE, Flag.END_STREAM)]);
}

/** A whole call with one empty message, and with these fields behind those which it needs. */
export function request(stream: number, extra: readonly HeaderField[] = []): Buffer {
  return requestOf(stream, headerBlock([...REQUEST, ...extra]));
}

/** A message which any type takes: a field of so many bytes which it does not know. Under 2^21. */
export function unknownMessage(bytes: number): Buffer {
  const body = bytes - 9;
  const head = Buffer.alloc(9);
  head.writeUInt32BE(bytes - 5, 1);
  // Tag: field 15, length-delimited. The length is a varint of always three bytes.
  head.set([0x7a, (body & 127) | 128, ((body >> 7) & 127) | 128, body >> 14], 5);
  return Buffer.concat([head, Buffer.alloc(body)]);
}

/** The beginning of an answer; `fields` are those of its HEADERS. */
export function responseHeadersFrame(
  stream: number,
  fields: readonly HeaderField[] = RESPONSE,
): Buffer {
  return headers(stream, headerBlock(fields));
}

/** The end of an answer; `fields` are those of its trailers. */
export function responseTrailersFrame(
  stream: number,
  fields: readonly HeaderField[] = TRAILERS,
): Buffer {
  return headers(stream, headerBlock(fields), END);
}

/** A whole answer with one message, empty when none is given. */
export function wholeResponse(stream: number, message: Uint8Array = EMPTY_MESSAGE): Buffer {
  return Buffer.concat([
    responseHeadersFrame(stream),
    data(stream, message),
    responseTrailersFrame(stream),
  ]);
}
