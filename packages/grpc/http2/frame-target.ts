import type { HeaderFields } from "../hpack/header-fields.ts";
import type { FrameSender } from "./frame-sender.ts";
import type { Http2Stream } from "./stream.ts";
import type { StreamTable } from "./stream-table.ts";

/** What the received frames act on: the connection. */
export type FrameTarget = {
  readonly isServer: boolean;
  readonly isClosed: boolean;
  readonly streams: StreamTable;
  readonly sender: FrameSender;
  readonly bufferedBytes: number;
  /** Opens a stream for the peer. False when it is refused. */
  acceptStream(streamId: number, fields: HeaderFields | undefined, isEnd: boolean): boolean;
  sendReset(streamId: number, code: number, window?: number): void;
  sendWindowUpdate(streamId: number, bytes: number): void;
  closeStream(stream: Http2Stream): void;
  applySettings(payload: Uint8Array): void;
  onSettingsAck(): void;
  onPingAck(): void;
  onGoaway(lastStreamId: number, code: number, debugData: string): void;
};
