import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { Code, type ConnectError, createClient } from "@connectrpc/connect";
import { EventService } from "@plaza/contract/kit/v1/events";
import { PostService } from "@plaza/contract/posts/v1/posts";
import { createServer, type Server } from "@plaza/grpc/server";
import { createGrpcTransport } from "@plaza/grpc/transport";
import { reasonOf } from "../rpc/error-mapping.ts";
import type { AdmissionQueue } from "./admission-queue.ts";
import { createCallLimiter } from "./call-limiter.ts";
import { overloadedFault } from "./overloaded-fault.ts";

let isOverloaded = false;
let isFull = false;
let inFlight = 0;
const queue: AdmissionQueue = {
  isOverloaded: () => isOverloaded,
  acquire() {
    if (isFull) return Promise.reject(overloadedFault);
    inFlight++;
    return () => inFlight--;
  },
};

describe("createCallLimiter", () => {
  let server: Server;
  let handled = 0;
  const transport = () => createGrpcTransport({ address: `http://127.0.0.1:${server.port}` });

  before(async () => {
    const limiter = createCallLimiter(queue);
    server = createServer({
      reject: limiter.reject,
      routes(router) {
        limiter.limit(router, (limited) => {
          limited.service(PostService, {
            async getPost({ id }) {
              handled++;
              assert.equal(inFlight, 1);
              if (id === "wrong") throw new Error("wrong");
              return { id };
            },
          });
          limited.service(EventService, { readEvents: async () => ({}) });
        });
      },
    });
    await server.listen({ port: 0 });
  });
  after(() => server.close());

  const isOverloadedError = (error: ConnectError) => {
    assert.equal(error.code, Code.Unavailable);
    assert.equal(reasonOf(error), "OVERLOADED");
    return true;
  };

  it("holds a slot during a call, and releases it, whether it fails or not", async () => {
    const posts = createClient(PostService, transport());
    assert.equal((await posts.getPost({ id: "1" })).id, "1");
    await assert.rejects(posts.getPost({ id: "wrong" }));
    assert.deepEqual([handled, inFlight], [2, 0]);
  });

  it("rejects calls while the process is overloaded, before and in the queue", async () => {
    const posts = createClient(PostService, transport());
    isOverloaded = true;
    await assert.rejects(posts.getPost({ id: "1" }), isOverloadedError);
    isOverloaded = false;
    isFull = true;
    await assert.rejects(posts.getPost({ id: "1" }), isOverloadedError);
    assert.equal(handled, 2);
    isFull = false;
    assert.equal((await posts.getPost({ id: "1" })).id, "1");
  });

  it("reads event logs whatever the load", async () => {
    isOverloaded = true;
    isFull = true;
    await createClient(EventService, transport()).readEvents({});
  });
});
