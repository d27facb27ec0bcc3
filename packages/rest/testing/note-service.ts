import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { after, before } from "node:test";
import type { Message } from "@bufbuild/protobuf";
import { createRouterTransport, type HandlerContext, type Transport } from "@connectrpc/connect";
import {
  createTranscoder,
  type RestStreamResponse,
  type TranscoderOptions,
} from "../transcoder.ts";
import {
  createMessage,
  findService,
  type RestReply,
  registry,
  type SendRequestOptions,
  sendRequest,
} from "./contract.ts";
import { createRestServer } from "./rest-server.ts";

export type NoteMessage = Message & { text: string; cursor: string };
type Watched = { board: string; after: string };
type Sent = Watched & {
  note?: NoteMessage;
  text: string;
  scan?: { contentType: string; data: Uint8Array };
};
type One<T> = (request: Sent, context: HandlerContext) => T;
type Many<T> = (requests: AsyncIterable<Sent>, context: HandlerContext) => T;

/** What a test has to say of the note service: what it leaves out is unimplemented. */
export type NoteHandlers = {
  watch?: One<AsyncIterable<object>>;
  search?: One<AsyncIterable<object>>;
  pin?: Many<Promise<object>>;
  echo?: Many<AsyncIterable<object>>;
  scan?: One<AsyncIterable<object>>;
  hang?: Many<Promise<object>>;
};

const noteService = findService("NoteService");

/** The note service behind a real transport of Connect, which encodes what passes it. */
function noteTransport(handlers: NoteHandlers): Transport {
  return createRouterTransport(({ service: add }) => {
    add(noteService, handlers as never);
  });
}

export type NoteFixture = {
  send: (method: string, url: string, more?: SendRequestOptions) => Promise<RestReply>;
  /** Begins a GET that is answered by a stream. */
  openStream: (
    url: string,
    headers?: Record<string, string>,
    signal?: AbortSignal,
  ) => Promise<RestStreamResponse>;
};

/** A transcoder before the note service. */
export function noteFixture(
  handlers: NoteHandlers,
  options: Partial<TranscoderOptions> = {},
): NoteFixture {
  const transport = noteTransport(handlers);
  const transcoder = createTranscoder({
    services: [noteService],
    registry,
    invoke: () => Promise.reject(new Error("no method is unary")),
    async invokeStream(method, requests, { headers, signal, timeoutMs }) {
      const reply = await transport.stream(method, signal, timeoutMs, headers, requests);
      return { messages: reply.message, headers: reply.header, trailers: reply.trailer };
    },
    ...options,
  });
  return {
    send: (method, url, more) => sendRequest(transcoder, method, url, more),
    async openStream(url, headers = {}, signal = new AbortController().signal) {
      const request = { method: "GET", url, headers: new Headers(headers), body: new Uint8Array() };
      const reply = await transcoder.handle(request, signal);
      if ("chunks" in reply) return reply;
      throw new Error(`answered ${reply.status}: ${reply.body}`);
    },
  };
}

/** Runs the README's server before the note service, for the suite that it is called in. */
export function startNoteServer(handlers: NoteHandlers): {
  origin: () => string;
  port: () => number;
} {
  const server = createRestServer([noteService], noteTransport(handlers));
  before(async () => {
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
  });
  after(() => server.close());
  const port = () => (server.address() as AddressInfo).port;
  return { port, origin: () => `http://127.0.0.1:${port()}` };
}

/** A note. */
export function createNote(text: string, cursor = ""): Message {
  return createMessage("Note", { text, cursor });
}

/** Notes, and then perhaps an error. */
export async function* yieldNotes(
  texts: readonly string[],
  error?: Error,
): AsyncGenerator<Message> {
  for (const text of texts) yield createNote(text);
  if (error) throw error;
}
