/** The frame types of RFC 9113, section 6. */
export const FrameType = {
  DATA: 0,
  HEADERS: 1,
  PRIORITY: 2,
  RST_STREAM: 3,
  SETTINGS: 4,
  PUSH_PROMISE: 5,
  PING: 6,
  GOAWAY: 7,
  WINDOW_UPDATE: 8,
  CONTINUATION: 9,
} as const;

/** The flags of RFC 9113, section 6; which of them a frame has depends on its type. */
export const Flag = { ACK: 1, END_STREAM: 1, END_HEADERS: 4, PADDED: 8, PRIORITY: 0x20 } as const;

/** The error codes of RFC 9113, section 7. */
export const ErrorCode = {
  NO_ERROR: 0,
  PROTOCOL_ERROR: 1,
  INTERNAL_ERROR: 2,
  FLOW_CONTROL_ERROR: 3,
  SETTINGS_TIMEOUT: 4,
  STREAM_CLOSED: 5,
  FRAME_SIZE_ERROR: 6,
  REFUSED_STREAM: 7,
  CANCEL: 8,
  COMPRESSION_ERROR: 9,
  CONNECT_ERROR: 10,
  ENHANCE_YOUR_CALM: 11,
  INADEQUATE_SECURITY: 12,
  HTTP_1_1_REQUIRED: 13,
} as const;

/** The settings of RFC 9113, section 6.5.2. */
export const SettingId = {
  HEADER_TABLE_SIZE: 1,
  ENABLE_PUSH: 2,
  MAX_CONCURRENT_STREAMS: 3,
  INITIAL_WINDOW_SIZE: 4,
  MAX_FRAME_SIZE: 5,
  MAX_HEADER_LIST_SIZE: 6,
} as const;

/** One frame as it came over the wire. */
export type Frame = {
  readonly type: number;
  readonly flags: number;
  readonly stream: number;
  readonly payload: Buffer;
};

/** What a client sends before its first frame (RFC 9113, section 3.4). */
export const CLIENT_PREFACE_MAGIC: Buffer = Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");

const EMPTY_PAYLOAD = Buffer.alloc(0);

/** Takes the whole frames from the front of `bytes`, and answers them with what is left. */
export function splitFrames(bytes: Buffer): { frames: Frame[]; rest: Buffer } {
  const frames: Frame[] = [];
  let at = 0;
  while (at + 9 <= bytes.length && at + 9 + bytes.readUIntBE(at, 3) <= bytes.length) {
    const end = at + 9 + bytes.readUIntBE(at, 3);
    frames.push({
      type: bytes.readUInt8(at + 3),
      flags: bytes.readUInt8(at + 4),
      stream: bytes.readUInt32BE(at + 5) & 0x7fffffff,
      payload: bytes.subarray(at + 9, end),
    });
    at = end;
  }
  return { frames, rest: bytes.subarray(at) };
}

/** Writes a frame with just these fields; `stream` may carry the reserved bit. */
export function frame(
  type: number,
  flags: number,
  stream: number,
  payload: Uint8Array = EMPTY_PAYLOAD,
) {
  const head = Buffer.alloc(9);
  head.writeUIntBE(payload.length, 0, 3);
  head.writeUInt8(type, 3);
  head.writeUInt8(flags, 4);
  head.writeUInt32BE(stream >>> 0, 5);
  return Buffer.concat([head, payload]);
}

/** The four bytes of an unsigned number, first the highest. */
export function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value >>> 0);
  return bytes;
}

/** Writes SETTINGS with pairs of identifier and value, in this order. */
export function settings(...pairs: readonly (readonly [id: number, value: number])[]): Buffer {
  const entries = pairs.map(([id, value]) => Buffer.concat([Buffer.from([0, id]), uint32(value)]));
  return frame(FrameType.SETTINGS, 0, 0, Buffer.concat(entries));
}

/** Acknowledges the other side's SETTINGS. */
export const settingsAck: Buffer = frame(FrameType.SETTINGS, Flag.ACK, 0);

/** Writes PING with eight bytes of ASCII. */
export function ping(text: string, flags = 0): Buffer {
  return frame(FrameType.PING, flags, 0, Buffer.from(text, "latin1"));
}

/** Writes GOAWAY: the last stream which is or may be processed, and an error code. */
export function goaway(lastStream: number, code: number): Buffer {
  return frame(FrameType.GOAWAY, 0, 0, Buffer.concat([uint32(lastStream), uint32(code)]));
}

/** Writes RST_STREAM. */
export function rstStream(stream: number, code: number): Buffer {
  return frame(FrameType.RST_STREAM, 0, stream, uint32(code));
}

/** Writes WINDOW_UPDATE; stream 0 is the connection. */
export function windowUpdate(stream: number, bytes: number): Buffer {
  return frame(FrameType.WINDOW_UPDATE, 0, stream, uint32(bytes));
}

/** The five bytes by which a stream depends on another (RFC 9113, section 6.3). */
export function priorityPayload(on: number, weight = 255, exclusive = false): Buffer {
  return Buffer.concat([uint32(on + (exclusive ? 0x80000000 : 0)), Buffer.from([weight])]);
}

/** Writes PRIORITY; by default the stream depends on none. */
export function priority(stream: number, payload: Uint8Array = priorityPayload(0)): Buffer {
  return frame(FrameType.PRIORITY, 0, stream, payload);
}

/** Writes DATA. */
export function data(stream: number, payload: Uint8Array, flags = 0): Buffer {
  return frame(FrameType.DATA, flags, stream, payload);
}

/** Writes HEADERS with a fragment of a header block; by default the block ends here. */
export function headers(stream: number, fragment: Uint8Array, flags: number = Flag.END_HEADERS) {
  return frame(FrameType.HEADERS, flags, stream, fragment);
}

/** Writes CONTINUATION; by default the header block ends here. */
export function continuation(
  stream: number,
  fragment: Uint8Array,
  flags: number = Flag.END_HEADERS,
) {
  return frame(FrameType.CONTINUATION, flags, stream, fragment);
}

/** Puts the length of the padding before and the padding behind a payload. */
export function withPadding(payload: Uint8Array, padding: number): Buffer {
  return Buffer.concat([Buffer.from([padding]), payload, Buffer.alloc(padding)]);
}

/** Names a frame in a message for people. */
export function describeFrame(frame: Frame): string {
  const { type, flags, stream, payload } = frame;
  const name = keyOf(FrameType, type) ?? `frame ${type}`;
  const code = errorCodeOf(frame);
  const detail = code === undefined ? `${payload.length} bytes` : (keyOf(ErrorCode, code) ?? code);
  return `${name}(stream ${stream}, flags ${flags}, ${detail})`;
}

/** The error code of RST_STREAM and GOAWAY; undefined for other frames, and for one cut short. */
export function errorCodeOf({ type, payload }: Frame): number | undefined {
  if (type === FrameType.RST_STREAM && payload.length >= 4) return payload.readUInt32BE();
  if (type === FrameType.GOAWAY && payload.length >= 8) return payload.readUInt32BE(4);
  return undefined;
}

function keyOf(table: Readonly<Record<string, number>>, value: number): string | undefined {
  return Object.keys(table).find((key) => table[key] === value);
}
