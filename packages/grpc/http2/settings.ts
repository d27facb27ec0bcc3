import { ConnectionError } from "./connection-error.ts";
import type { ConnectionLimits } from "./connection-limits.ts";
import {
  clientPrefaceMagic,
  connectionWindowBytes,
  defaultMaxFrameBytes,
  defaultWindowBytes,
  errorCode,
  frameHeaderBytes,
  frameType,
  maxWindowBytes,
  readUint32,
  setting,
  writeFrameHeader,
  writeUint32,
} from "./frames.ts";

const settingBytes = 6;
const maxFrameSizeLimit = 2 ** 24 - 1;

/** The peer's SETTINGS, with the defaults of RFC 9113, section 6.5.2. */
export class PeerSettings {
  headerTableSize = 4_096;
  /**
   * Until the peer's SETTINGS arrive: few, since a server refuses those above its limit, which may be lower than
   * the 100 that section 6.5.2 recommends.
   */
  maxConcurrentStreams = 4;
  initialWindowSize = defaultWindowBytes;
  maxFrameSize = defaultMaxFrameBytes;
  maxHeaderListSize = Number.POSITIVE_INFINITY;
  /** Whether SETTINGS have arrived. */
  isReceived = false;
  readonly #isServer: boolean;

  /** `isServer`: whether the peer is the server. */
  constructor(isServer: boolean) {
    this.#isServer = isServer;
  }

  /** Applies the payload of a SETTINGS frame. Throws a ConnectionError on values out of range. */
  apply(payload: Uint8Array): void {
    if (!this.isReceived) this.maxConcurrentStreams = Number.POSITIVE_INFINITY;
    this.isReceived = true;
    for (let at = 0; at < payload.length; at += settingBytes) {
      const id = ((payload[at] ?? 0) << 8) | (payload[at + 1] ?? 0);
      this.#set(id, readUint32(payload, at + 2));
    }
  }

  #set(id: number, value: number): void {
    switch (id) {
      case setting.headerTableSize:
        this.headerTableSize = value;
        break;
      case setting.enablePush:
        // A server must not send 1: only clients receive pushes.
        assertSetting(
          value <= (this.#isServer ? 0 : 1),
          errorCode.protocolError,
          "ENABLE_PUSH",
          value,
        );
        break;
      case setting.maxConcurrentStreams:
        this.maxConcurrentStreams = value;
        break;
      case setting.initialWindowSize:
        assertSetting(
          value <= maxWindowBytes,
          errorCode.flowControlError,
          "INITIAL_WINDOW_SIZE",
          value,
        );
        this.initialWindowSize = value;
        break;
      case setting.maxFrameSize:
        assertSetting(
          value >= defaultMaxFrameBytes && value <= maxFrameSizeLimit,
          errorCode.protocolError,
          "MAX_FRAME_SIZE",
          value,
        );
        this.maxFrameSize = value;
        break;
      case setting.maxHeaderListSize:
        this.maxHeaderListSize = value;
        break;
    }
  }
}

/** The connection preface of one side (RFC 9113, section 3.4): client magic, SETTINGS, WINDOW_UPDATE. */
export function connectionPreface(isServer: boolean, limits: ConnectionLimits): Buffer {
  const settings = settingsFrame([
    isServer
      ? [setting.maxConcurrentStreams, limits.maxConcurrentStreams]
      : [setting.enablePush, 0],
    [setting.maxHeaderListSize, limits.maxHeaderListBytes],
  ]);
  const window = Buffer.alloc(frameHeaderBytes + 4);
  const at = writeFrameHeader(window, 0, 4, frameType.windowUpdate, 0, 0);
  writeUint32(window, at, connectionWindowBytes - defaultWindowBytes);
  return Buffer.concat(isServer ? [settings, window] : [clientPrefaceMagic, settings, window]);
}

/** A SETTINGS frame with the given pairs of identifier and value. */
function settingsFrame(pairs: readonly (readonly [id: number, value: number])[]): Buffer {
  const length = pairs.length * settingBytes;
  const frame = Buffer.alloc(frameHeaderBytes + length);
  let at = writeFrameHeader(frame, 0, length, frameType.settings, 0, 0);
  for (const [id, value] of pairs) {
    frame[at] = id >>> 8;
    frame[at + 1] = id;
    at = writeUint32(frame, at + 2, value);
  }
  return frame;
}

function assertSetting(isValid: boolean, code: number, name: string, value: number): void {
  if (!isValid) throw new ConnectionError(code, `SETTINGS_${name} of ${value}`);
}
