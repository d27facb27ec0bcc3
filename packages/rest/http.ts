/** A request whose body is read. `url` is the path with its query, as it came, percent-escapes and all. */
export type RestRequest = {
  method: string;
  url: string;
  headers: RestHeaders;
  body: Uint8Array;
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
