import { randomUUID } from "node:crypto";
import type { Answer } from "../../test/base/api-client.ts";
import { plainSend, type Send } from "./client.ts";

/** A broken server, and how often its fault has shown. */
export type Planted = { readonly send: Send; timesBroken(): number };

/** Broken servers that the checker must tell from a good one, by what is wrong with them. */
export const planted: Readonly<Record<string, Planted>> = {
  "acknowledges a post before it is committed, and loses it": sometimes("POST /v1/posts", (body) =>
    answered({ ...(body as object), id: randomUUID() }),
  ),
  "publishes a retry twice": sometimes("POST /v1/posts", async (body, send) => {
    await send({ ...(body as object), idempotencyKey: "" });
    return send(body);
  }),
  "acknowledges a change and forgets it": sometimes("PATCH /v1/posts/", () => answered({})),
  "acknowledges a deletion and forgets it": sometimes("DELETE /v1/posts/", () => answered({})),
  "acknowledges an account that is not there": sometimes("POST /v1/auth:register", () =>
    answered({ user: { id: randomUUID() } }),
  ),
  "refuses a post and publishes it": sometimes("POST /v1/posts", async (body, send) => {
    await send(body);
    return answered({ message: "refused" }, 409);
  }),
};

type Fault = (body: unknown, send: (body: unknown) => Promise<Answer>) => Answer | Promise<Answer>;

/** A server at which every third request of a kind goes wrong. */
function sometimes(prefix: string, fault: Fault): Planted {
  let count = 0;
  const send: Send = (url, token, line, body) => {
    const really = (other: unknown) => plainSend(url, token, line, other);
    if (line.startsWith(prefix)) count += 1;
    return line.startsWith(prefix) && count % 3 === 0
      ? Promise.resolve(fault(body, really))
      : really(body);
  };
  return { send, timesBroken: () => Math.floor(count / 3) };
}

function answered(body: object, status = 200): Answer {
  const text = JSON.stringify(body);
  return {
    status,
    headers: new Headers(),
    text,
    json: () => JSON.parse(text),
    as: (() => body) as Answer["as"],
  };
}
