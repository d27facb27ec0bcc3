import { setTimeout as sleep } from "node:timers/promises";
import {
  type CallOptions,
  type Client,
  ConnectError,
  createClient,
  encodeBinaryHeader,
  type Transport,
} from "@connectrpc/connect";
import { EchoService } from "@plaza/grpc/testing";
import type { CallOutcome, CallPlan } from "./call-plan.ts";

/** Makes a planned call. Never rejects. */
export async function makePlannedCall(transport: Transport, plan: CallPlan): Promise<CallOutcome> {
  const received = new Headers();
  const ended = new AbortController();
  const canceling = new AbortController();
  const timer =
    plan.cancelMs === null ? undefined : setTimeout(() => canceling.abort(), plan.cancelMs);
  const payload = payloadOf(plan);
  const turns = { next: Promise.withResolvers<void>() };
  let messages = 0;
  let intact = true;
  const keep = (value: Uint8Array) => {
    messages += 1;
    intact &&= Buffer.compare(value, payload) === 0;
    turns.next.resolve();
    turns.next = Promise.withResolvers();
  };
  const options: CallOptions = {
    headers: headersOf(plan),
    signal: canceling.signal,
    ...(plan.deadlineMs > 0 && { timeoutMs: plan.deadlineMs }),
    onHeader: (headers) => appendAll(received, headers),
    onTrailer: (headers) => appendAll(received, headers),
  };
  const outcome = await call(
    createClient(EchoService, transport),
    plan,
    options,
    requestsOf(plan, payload, () => turns.next.promise, ended.signal),
    payload,
    keep,
  ).then(
    () => ({ code: 0, detail: "" }),
    (reason: unknown) => {
      const { code, rawMessage, metadata } = ConnectError.from(reason);
      appendAll(received, metadata);
      return { code: Number(code), detail: rawMessage };
    },
  );
  clearTimeout(timer);
  ended.abort();
  turns.next.resolve();
  if (outcome.code === plan.status) intact &&= isAnswered(plan, received);
  return { id: plan.id, messages, intact, ...outcome };
}

async function call(
  client: Client<typeof EchoService>,
  { kind }: CallPlan,
  options: CallOptions,
  requests: AsyncIterable<{ value: Uint8Array }>,
  value: Uint8Array,
  keep: (value: Uint8Array) => void,
): Promise<void> {
  if (kind === "unary") keep((await client.unary({ value }, options)).value);
  else if (kind === "collect") keep((await client.collect(requests, options)).value);
  else {
    const replies =
      kind === "expand" ? client.expand({ value }, options) : client.chat(requests, options);
    for await (const reply of replies) keep(reply.value);
  }
}

async function* requestsOf(
  { kind, count, idleMs, pingPong, early }: CallPlan,
  value: Uint8Array,
  nextReply: () => Promise<void>,
  ended: AbortSignal,
) {
  for (let sent = 0; sent < count && !ended.aborted; sent += 1) {
    const reply = nextReply();
    yield { value };
    if (idleMs > 0) await sleep(idleMs, undefined, { signal: ended }).catch(() => {});
    if (kind === "chat" && pingPong) await reply;
  }
  if (early > 0 && !ended.aborted) {
    await new Promise((resolve) => ended.addEventListener("abort", resolve, { once: true }));
  }
}

/** The pattern that every client sends: it depends on the call, and compresses somewhat. */
function payloadOf({ id, size }: CallPlan): Uint8Array {
  return Uint8Array.from({ length: size }, (_, index) => ((id + index) * 7) % 251);
}

function headersOf(plan: CallPlan): Headers {
  const headers = new Headers({
    "echo-delay-ms": String(plan.delayMs),
    "echo-count": String(plan.count),
    "echo-status": String(plan.status),
    "echo-early": String(plan.early),
  });
  if (plan.gzip) headers.set("echo-gzip", "1");
  if (plan.text !== "") headers.set("echo-text", plan.text);
  if (plan.bytes !== "") {
    headers.set("echo-bytes-bin", encodeBinaryHeader(Buffer.from(plan.bytes, "base64")));
  }
  return headers;
}

function isAnswered({ text, bytes }: CallPlan, received: Headers): boolean {
  if (text !== "" && received.get("echo-text") !== text) return false;
  const value = Buffer.from(received.get("echo-bytes-bin") ?? "", "base64");
  return bytes === "" || value.toString("base64") === bytes;
}

function appendAll(headers: Headers, added: Headers): void {
  added.forEach((value, name) => {
    headers.set(name, value);
  });
}
