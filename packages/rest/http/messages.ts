/** A request. `url` is the path with its query, as it came, percent-escapes and all. */
export type RestRequest = {
  method: string;
  url: string;
  headers: RestHeaders;
  /** The body, whole or as it arrives. */
  body: Uint8Array | AsyncIterable<Uint8Array>;
  /** The peer's address, appended to X-Forwarded-For when given. */
  remoteAddress?: string;
};

/** What is read of a request's headers: `Headers` fits, and so does anything cheaper. */
export type RestHeaders = {
  get: (name: string) => string | null;
  forEach: (visit: (value: string, name: string) => void) => void;
};

/** A whole response. The length of the body is left to the server to state. */
export type RestResponse = {
  status: number;
  headers: [name: string, value: string][];
  body: Uint8Array | string;
};

/**
 * A response whose body has no known end. A piece is made when it is asked for, so that a server which
 * asks once the last one has left holds one piece at a time. Whoever stops asking ends the RPC by the
 * signal or by `return`. Pieces throw when the response cannot end well: the connection is to be cut.
 */
export type RestStreamResponse = {
  status: number;
  headers: [name: string, value: string][];
  chunks: AsyncIterable<Uint8Array | string>;
};
