import { randomUUID } from "node:crypto";
import type { ApiResponse } from "../../test/base/api-client.ts";
import { type SendRequest, sendRequest } from "../base/system-under-test.ts";

/** A seeded fault in the transport, and how often it has occurred. */
export type ResponseFault = { readonly send: SendRequest; occurrences(): number };

/** Faults that the checker must detect. */
export const seededFaults: Readonly<Record<string, ResponseFault>> = {
  "acknowledges a post without storing it": faultEveryThird("POST /v1/posts", (body) =>
    fakeResponse({ ...(body as object), id: randomUUID() }),
  ),
  "publishes a retry twice": faultEveryThird("POST /v1/posts", async (body, send) => {
    await send({ ...(body as object), idempotencyKey: "" });
    return send(body);
  }),
  "acknowledges an update without storing it": faultEveryThird("PATCH /v1/posts/", () =>
    fakeResponse({}),
  ),
  "acknowledges a deletion without deleting": faultEveryThird("DELETE /v1/posts/", () =>
    fakeResponse({}),
  ),
  "acknowledges an account without creating it": faultEveryThird("POST /v1/auth:register", () =>
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

/** Lets every third request of a kind go wrong. */
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
