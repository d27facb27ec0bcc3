import type { ResponseBody } from "../binding/response-body.ts";
import { preferredMediaType } from "../http/content-negotiation.ts";
import type { RestHeaders, RestResponse } from "../http/messages.ts";
import { RestError } from "../http/rest-error.ts";

/** How messages, errors and keep-alives of a stream are framed in one body. */
export type StreamFormat = {
  /** Undefined when the first message determines it. */
  readonly contentType: string | undefined;
  /** Frames a message. `eventId`: the id to resume after it; empty when it has none. */
  readonly formatMessage: (message: ResponseBody, eventId: string) => string | Uint8Array;
  /** Frames the error that ends the stream. Undefined when only a cut connection can show it. */
  readonly formatError: ((status: RestResponse) => string) | undefined;
  /** Sent in silence, so that proxies keep the connection open. */
  readonly keepAlive: string | undefined;
  /** Ends a stream that succeeds. */
  readonly end: string;
  /** Whether clients resume with the id of the last message they received. */
  readonly hasEventIds: boolean;
};

/** Every line is an object of one member, so that no field of a message can be taken for an error. */
const ndjsonFormat: StreamFormat = {
  contentType: "application/x-ndjson",
  formatMessage: ({ body }) => `{"result":${body}}\n`,
  formatError: ({ body }) => `{"error":${body}}\n`,
  keepAlive: "\n",
  end: "",
  hasEventIds: false,
};

/** Server-sent events (HTML Living Standard, section 9.2); JSON has no line breaks to be escaped. */
const sseFormat: StreamFormat = {
  contentType: "text/event-stream",
  formatMessage: ({ body }, eventId) => `${idLine(eventId)}data: ${body}\n\n`,
  formatError: (status) => `${retryLine(status)}event: error\ndata: ${status.body}\n\n`,
  keepAlive: ":\n\n",
  // Browsers reconnect after every end of a response: the event lets them close the stream.
  end: "event: end\ndata: {}\n\n",
  hasEventIds: true,
};

/** The bytes of google.api.HttpBody messages, one after the other. */
const httpBodyFormat: StreamFormat = {
  contentType: undefined,
  formatMessage: ({ body }) => body,
  formatError: undefined,
  keepAlive: undefined,
  end: "",
  hasEventIds: false,
};

const formatsByMediaType = { "application/x-ndjson": ndjsonFormat, "text/event-stream": sseFormat };
const streamMediaTypes = ["application/x-ndjson", "text/event-stream"] as const;

/** The format that the client accepts. Throws RestError when it accepts none. */
export function negotiateStreamFormat(headers: RestHeaders, isRaw: boolean): StreamFormat {
  if (isRaw) return httpBodyFormat;
  const type = preferredMediaType(headers.get("accept"), streamMediaTypes);
  if (type) return formatsByMediaType[type];
  const message = `accept must allow ${streamMediaTypes.join(" or ")}`;
  throw new RestError("NOT_ACCEPTABLE", message);
}

/** An id that an event cannot hold, or a header cannot bring back, is left out. */
function idLine(eventId: string): string {
  return /^[\x21-\x7e]+$/.test(eventId) ? `id: ${eventId}\n` : "";
}

/** The delay that the error asks for becomes the one after which a browser connects again. */
function retryLine({ headers }: RestResponse): string {
  const seconds = headers.find(([name]) => name === "retry-after")?.[1];
  return /^\d+$/.test(seconds ?? "") ? `retry: ${Number(seconds) * 1000}\n` : "";
}
