import type { ConnectError } from "@connectrpc/connect";
import type { HeaderFields } from "../hpack/header-fields.ts";

/** Receives the response to one attempt at a call. */
export type ResponseListener = {
  onHeaders(fields: HeaderFields): void;
  /** The call's reader has received bytes. Throws a ConnectError when they are malformed. */
  onBytes(): void;
  /** The attempt has ended; nothing follows. `trailers` are undefined when the stream was cut off. */
  onEnd(
    error: ConnectError | undefined,
    trailers: HeaderFields | undefined,
    wasRefused: boolean,
  ): void;
  onDrain(): void;
};
