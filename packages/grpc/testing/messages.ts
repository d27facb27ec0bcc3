import { data, Flag, headers } from "./frames.ts";

/** A header field's name and value. */
export type Field = readonly [name: string, value: string];

/** The fields of a valid call of EmptyCall, pseudo-header fields first. */
export const REQUEST: readonly Field[] = [
  [":method", "POST"],
  [":scheme", "http"],
  [":path", "/grpc.testing.TestService/EmptyCall"],
  [":authority", "localhost"],
  ["content-type", "application/grpc"],
  ["te", "trailers"],
];

/** The fields at the beginning of a valid answer. */
export const RESPONSE: readonly Field[] = [
  [":status", "200"],
  ["content-type", "application/grpc"],
];

/** The fields at the end of a valid answer. */
export const TRAILERS: readonly Field[] = [["grpc-status", "0"]];

/** An empty message as gRPC frames it: not compressed, no bytes. */
export const EMPTY_MESSAGE: Buffer = Buffer.alloc(5);

const END = Flag.END_STREAM | Flag.END_HEADERS;

/** Writes a header block of literals without indexing and without Huffman coding. */
export function block(fields: readonly Field[]): Buffer {
  const parts = fields.flatMap(([name, value]) => [Buffer.of(0), literal(name), literal(value)]);
  return Buffer.concat(parts);
}

/** A string as HPACK writes it plainly (RFC 7541, section 5.2): its length, then its bytes. */
export function literal(text: string): Buffer {
  return Buffer.concat([integer(text.length, 7), Buffer.from(text, "latin1")]);
}

/** A number as HPACK writes it (RFC 7541, section 5.1), the bits before the prefix being `pattern`. */
export function integer(value: number, prefixBits: number, pattern = 0): Buffer {
  const limit = 2 ** prefixBits - 1;
  if (value < limit) return Buffer.of(pattern | value);
  const bytes = [pattern | limit];
  let rest = value - limit;
  for (; rest >= 128; rest = Math.floor(rest / 128)) bytes.push((rest % 128) | 128);
  return Buffer.of(...bytes, rest);
}

/** A field which nobody knows and everybody lets pass. */
export function dummyFields(count: number, length: number): Field[] {
  return Array.from({ length: count }, (_, at): Field => [`x-dummy-${at}`, "x".repeat(length)]);
}

/** Replaces, or without a value removes, a field of a list. */
export function without(fields: readonly Field[], name: string, value?: string): Field[] {
  return fields.flatMap((field): Field[] => {
    if (field[0] !== name) return [field];
    return value === undefined ? [] : [[name, value]];
  });
}

/** Begins a call whose message is still to come. */
export function open(stream: number, fields: readonly Field[] = REQUEST): Buffer {
  return headers(stream, block(fields));
}

/** A whole call with one empty message; `fragment` is its header block. */
export function requestOf(stream: number, fragment: Uint8Array): Buffer {
  return Buffer.concat([headers(stream, fragment), data(stream, EMPTY_MESSAGE, Flag.END_STREAM)]);
}

/** A whole call with one empty message, and with these fields behind those which it needs. */
export function request(stream: number, extra: readonly Field[] = []): Buffer {
  return requestOf(stream, block([...REQUEST, ...extra]));
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
export function answerHeaders(stream: number, fields: readonly Field[] = RESPONSE): Buffer {
  return headers(stream, block(fields));
}

/** The end of an answer; `fields` are those of its trailers. */
export function answerTrailers(stream: number, fields: readonly Field[] = TRAILERS): Buffer {
  return headers(stream, block(fields), END);
}

/** A whole answer with one message, empty when none is given. */
export function answer(stream: number, message: Uint8Array = EMPTY_MESSAGE): Buffer {
  return Buffer.concat([answerHeaders(stream), data(stream, message), answerTrailers(stream)]);
}
