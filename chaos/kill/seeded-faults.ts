import { randomUUID } from "node:crypto";
import type { ApiResponse } from "../../test/base/api-client.ts";
import { type SendRequest, sendRequest } from "./client.ts";

/** A broken server, and how often its fault has shown. */
export type ResponseFault = { readonly send: SendRequest; occurrences(): number };

/** Broken servers that the checker must tell from a good one, by what is wrong with them. */
export const seededFaults: Readonly<Record<string, ResponseFault>> = {
  "acknowledges a post before it is committed, and loses it": faultEveryThird(
    "POST /v1/posts",
    (body) => fakeResponse({ ...(body as object), id: randomUUID() }),
  ),
  "publishes a retry twice": faultEveryThird("POST /v1/posts", async (body, send) => {
    await send({ ...(body as object), idempotencyKey: "" });
    return send(body);
  }),
  "acknowledges a change and forgets it": faultEveryThird("PATCH /v1/posts/", () =>
    fakeResponse({}),
  ),
  "acknowledges a deletion and forgets it": faultEveryThird("DELETE /v1/posts/", () =>
    fakeResponse({}),
  ),
  "acknowledges an account that is not there": faultEveryThird("POST /v1/auth:register", () =>
    fakeResponse({ user: { id: randomUUID() } }),
  ),
  "refuses a post and publishes it": faultEveryThird("POST /v1/posts", async (body, send) => {
    await send(body);
    return fakeResponse({ message: "refused" }, 409);
  }),
};

type FaultyHandler = (
  body: unknown,
  send: (body: unknown) => Promise<ApiResponse>,
) => ApiResponse | Promise<ApiResponse>;

/** A server at which every third request of a kind goes wrong. */
function faultEveryThird(prefix: string, fault: FaultyHandler): ResponseFault {
  let count = 0;
  const send: SendRequest = (url, token, line, body) => {
    const really = (other: unknown) => sendRequest(url, token, line, other);
    if (line.startsWith(prefix)) count += 1;
    return line.startsWith(prefix) && count % 3 === 0
      ? Promise.resolve(fault(body, really))
      : really(body);
  };
  return { send, occurrences: () => Math.floor(count / 3) };
}

function fakeResponse(body: object, status = 200): ApiResponse {
  const text = JSON.stringify(body);
  return {
    status,
    headers: new Headers(),
    text,
    json: () => JSON.parse(text),
    as: (() => body) as ApiResponse["as"],
  };
}
