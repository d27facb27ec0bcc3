import type { HeaderFields } from "../hpack/header-fields.ts";
import type { ConnectionLimits } from "./connection-limits.ts";
import type { SendBudget } from "./send-budget.ts";
import type { Http2Stream } from "./stream.ts";

/** Options of a connection, and the callbacks to its server or client. */
export type Http2ConnectionOptions = {
  readonly role: "server" | "client";
  readonly limits: ConnectionLimits;
  /** Bounds what waits to be sent over several connections. */
  readonly sendBudget?: SendBudget;
  /** Receives a stream that the peer opens, and sets its listener. Fields are undefined when too long. */
  readonly onStream?: (
    stream: Http2Stream,
    fields: HeaderFields | undefined,
    isEnd: boolean,
  ) => void;
  /** The number of streams that can be opened may have changed. */
  readonly onCapacity?: () => void;
  /** The peer has sent GOAWAY. */
  readonly onGoaway?: (code: number, debugData: string) => void;
  /** The connection has ended; without a reason when it was closed in order. */
  readonly onClose: (reason: Error | undefined) => void;
};
