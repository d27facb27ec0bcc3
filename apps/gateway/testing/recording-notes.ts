import assert from "node:assert/strict";
import { once } from "node:events";
import { after, before } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import {
  Code,
  ConnectError,
  type HandlerContext,
  type ServiceImpl,
  type Transport,
} from "@connectrpc/connect";
import { createGrpcTransport, type GrpcTransport } from "@plaza/grpc/transport";
import { startTestGrpcServer } from "@plaza/kit/testing/grpc-server";
import { type Note, NoteService } from "./note-service.ts";

/** The latest call, as the service received it. */
export const lastCall = {
  signal: new AbortController().signal,
  timeoutMs: 0 as number | undefined,
  header: new Headers(),
  messageCount: 0,
};

function record({ signal, timeoutMs, requestHeader }: HandlerContext): void {
  Object.assign(lastCall, {
    signal,
    timeoutMs: timeoutMs(),
    header: requestHeader,
    messageCount: 0,
  });
}

export const recordingNotes = {
  async *watch({ board, cursor }: Note, context: HandlerContext) {
    record(context);
    context.responseHeader.set("plaza-secret-of-ours", "nobody's business");
    if (board === "refused") throw new ConnectError("no such board", Code.NotFound);
    yield { text: `${board} after ${cursor}`, cursor: "c1" };
    if (board === "broken") throw new Error("password=hunter2");
    if (board === "quiet") await once(context.signal, "abort");
    for (; board === "large"; lastCall.messageCount++) yield { text: "x".repeat(64 * 1024) };
  },
  async pin(requests: AsyncIterable<Note>, context: HandlerContext) {
    record(context);
    const texts: string[] = [];
    for await (const note of requests) {
      texts.push(`${note.board}: ${note.text}`);
      lastCall.messageCount++;
    }
    return { text: texts.join(", ") };
  },
  async *echo(requests: AsyncIterable<Note>) {
    for await (const { board, text: sentNotes } of requests) yield { board, text: sentNotes };
  },
} as unknown as ServiceImpl<typeof NoteService>;

/** Waits up to five seconds for a condition. */
export async function until(isTrue: () => boolean): Promise<void> {
  for (let i = 0; i < 500 && !isTrue(); i++) await sleep(10);
  assert.ok(isTrue());
}

/** Serves the notes over gRPC for the file that it is called in. Returns what gives the transport to them. */
export function serveRecordingNotes(): () => Transport {
  let service: Awaited<ReturnType<typeof startTestGrpcServer>>;
  let transport: GrpcTransport;
  before(async () => {
    service = await startTestGrpcServer((router) => router.service(NoteService, recordingNotes));
    transport = createGrpcTransport({ address: service.address });
  });
  after(async () => {
    transport.close();
    await service.close();
  });
  return () => transport;
}
