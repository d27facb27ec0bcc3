import { setTimeout as sleep } from "node:timers/promises";
import { ConnectError, type HandlerContext, type ServiceImpl } from "@connectrpc/connect";
import type { EchoService } from "@plaza/grpc/testing";

/** Implements the echo service, as its contract describes it. */
export const echoService: ServiceImpl<typeof EchoService> = {
  async unary(request, context) {
    await begin(context);
    end(context);
    return request;
  },
  async collect(requests, context) {
    await begin(context);
    let value: Uint8Array = new Uint8Array();
    for await (const request of requests) value = request.value;
    end(context);
    return { value };
  },
  async *expand(request, context) {
    await begin(context);
    const count = numberIn(context, "echo-count");
    for (let sent = 0; sent < count; sent += 1) yield request;
    end(context);
  },
  async *chat(requests, context) {
    await begin(context);
    const early = numberIn(context, "echo-early");
    let sent = 0;
    for await (const request of requests) {
      yield request;
      sent += 1;
      if (sent === early) break;
    }
    end(context);
  },
};

async function begin(context: HandlerContext): Promise<void> {
  const { requestHeader, responseHeader, responseTrailer, signal } = context;
  const text = requestHeader.get("echo-text");
  if (text !== null) responseHeader.set("echo-text", text);
  const bytes = requestHeader.get("echo-bytes-bin");
  if (bytes !== null) responseTrailer.set("echo-bytes-bin", bytes);
  const delayMs = numberIn(context, "echo-delay-ms");
  if (delayMs > 0) {
    await sleep(delayMs, undefined, { signal }).catch(() => signal.throwIfAborted());
  }
}

function end(context: HandlerContext): void {
  const status = numberIn(context, "echo-status");
  if (status !== 0) throw new ConnectError("as asked", status);
}

function numberIn({ requestHeader }: HandlerContext, name: string): number {
  return Number(requestHeader.get(name) ?? 0);
}
