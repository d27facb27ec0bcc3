/** A request. `url`: path and query, percent-encoded as received. */
export type RestRequest = {
  method: string;
  url: string;
  headers: RestHeaders;
  /** The body, whole or as it arrives. */
  body: Uint8Array | AsyncIterable<Uint8Array>;
  /** The peer's address, appended to X-Forwarded-For when given. */
  remoteAddress?: string;
};

/** The headers of a request; `Headers`, or any cheaper object with these methods. */
export type RestHeaders = {
  get: (name: string) => string | null;
  forEach: (visit: (value: string, name: string) => void) => void;
};

/** A complete response. The HTTP server sets content-length. */
export type RestResponse = {
  status: number;
  headers: [name: string, value: string][];
  body: Uint8Array | string;
};

/**
 * A streamed response. Pull one chunk once the last one was sent; aborting the signal or calling `return()`
 * cancels the RPC. If the iterator throws, cut the connection.
 */
export type RestStreamResponse = {
  status: number;
  headers: [name: string, value: string][];
  chunks: AsyncIterable<Uint8Array | string>;
};
