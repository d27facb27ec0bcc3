import type { ConnectError } from "@connectrpc/connect";
import type { ReceiveBudget } from "./receive-budget.ts";

/** The options of a server that apply to each call. */
export type ServerCallOptions = {
  readonly maxMessageBytes: number;
  readonly maxRequestBytes: number;
  /** Responses of at least this size are compressed for clients that accept gzip; Infinity for none. */
  readonly compressMinBytes: number;
  /** How long the only request of a method may take to arrive; 0 for no limit. */
  readonly requestTimeoutMs: number;
  /** Makes the error of a request that cannot be decoded. */
  readonly decodeError: () => ConnectError;
  readonly receiveBudget: ReceiveBudget;
};
