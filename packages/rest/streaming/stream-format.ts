import type { ResponseBody } from "../binding/response-body.ts";
import { preferredMediaType } from "../http/content-negotiation.ts";
import type { RestHeaders, RestResponse } from "../http/messages.ts";
import { RestError } from "../http/rest-error.ts";

/** How the messages of a stream are told apart in one body, and how it says what else there is. */
export type StreamFormat = {
  /** Undefined when the first message brings it along. */
  readonly contentType: string | undefined;
  /** A message, with the id from which the stream can go on after it, if it has one. */
  readonly formatMessage: (reply: ResponseBody, eventId: string) => string | Uint8Array;
  /** The error after which nothing comes. Undefined when it can only be told by cutting off. */
  readonly formatError: ((status: RestResponse) => string) | undefined;
  /** Says nothing, so that nobody on the way takes the connection for dead. */
  readonly keepAlive: string | undefined;
  /** The end of a stream without an error. */
  readonly end: string;
  /** Whether clients send back the id of the last message that they got. */
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
  // A browser connects again after any end: it has to be told that there is nothing more to come.
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

/** The format that the client asks for. Throws RestError when it takes none that there is. */
export function negotiateStreamFormat(headers: RestHeaders, isRaw: boolean): StreamFormat {
  if (isRaw) return httpBodyFormat;
  const type = preferredMediaType(headers.get("accept"), streamMediaTypes);
  if (type) return formatsByMediaType[type];
  const message = `a stream is sent as ${streamMediaTypes.join(" or ")}`;
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
