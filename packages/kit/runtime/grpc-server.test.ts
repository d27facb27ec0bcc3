import assert from "node:assert/strict";
import { once } from "node:events";
import { connect } from "node:net";
import { after, before, describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { fromBinary, type MessageInitShape } from "@bufbuild/protobuf";
import { FileDescriptorProtoSchema } from "@bufbuild/protobuf/wkt";
import { Code, type ConnectError, createClient, type Transport } from "@connectrpc/connect";
import { PostService } from "@plaza/contract/posts/v1/posts";
import type { Router } from "@plaza/grpc/calls";
import { Health, HealthCheckResponse_ServingStatus as Status } from "@plaza/grpc/health";
import {
  ServerReflection,
  ServerReflectionAlpha,
  type ServerReflectionRequestSchema,
} from "@plaza/grpc/reflection";
import { createGrpcTransport } from "@plaza/grpc/transport";
import { type GrpcServer, serveGrpc } from "./grpc-server.ts";

type ReflectionRequest = NonNullable<
  MessageInitShape<typeof ServerReflectionRequestSchema>["messageRequest"]
>;

describe("serveGrpc", () => {
  let server: GrpcServer;
  let problems: string[] = [];
  const served = {
    contracts: [PostService],
    readinessProblems: async () => problems,
    closeStreams: () => undefined,
    routes: (router: Router) => {
      router.service(PostService, {
        async getPost({ id }) {
          await sleep(200);
          return { id };
        },
      });
    },
  };
  const transport = () => createGrpcTransport({ address: `http://127.0.0.1:${server.port}` });

  before(async () => {
    server = await serveGrpc(served, { port: 0, host: "127.0.0.1" });
  });
  after(() => server.close());

  it("serves the services of the host", async () => {
    assert.equal((await createClient(PostService, transport()).getPost({ id: "1" })).id, "1");
  });

  it("reports health, and unknown services", async () => {
    const health = createClient(Health, transport());
    assert.equal((await health.check({})).status, Status.SERVING);
    problems = ["the database is gone"];
    assert.equal(
      (await health.check({ service: PostService.typeName })).status,
      Status.NOT_SERVING,
    );
    assert.deepEqual(Object.keys((await health.list({})).statuses), ["", PostService.typeName]);
    problems = [];
    await assert.rejects(
      health.check({ service: "plaza.none.v1.None" }),
      (error: ConnectError) => error.code === Code.NotFound,
    );
  });

  it("reports changes of health at once", async () => {
    const controller = new AbortController();
    const seen = await statuses(transport(), controller.signal, (status) => {
      if (status === Status.SERVING) problems = ["the database is gone"];
      else controller.abort();
    });
    problems = [];
    assert.deepEqual(seen, [Status.SERVING, Status.NOT_SERVING]);
  });

  it("serves its contracts by reflection", async () => {
    const file = await reflect({ case: "fileContainingSymbol", value: PostService.typeName });
    assert.equal(file.case, "fileDescriptorResponse");
    const [own, ...imports] = (
      file.value as { fileDescriptorProto: Uint8Array[] }
    ).fileDescriptorProto.map((bytes) => fromBinary(FileDescriptorProtoSchema, bytes).name);
    assert.equal(own, "plaza/posts/v1/posts.proto");
    assert.ok(imports.includes("plaza/users/v1/users.proto"));
    const method = await reflect({
      case: "fileContainingSymbol",
      value: `${PostService.typeName}.GetPost`,
    });
    assert.equal(method.case, "fileDescriptorResponse");
    const unknown = await reflect({ case: "fileByFilename", value: "none.proto" });
    assert.equal(unknown.case, "errorResponse");
    const numbers = await reflect({
      case: "allExtensionNumbersOfType",
      value: "google.protobuf.MethodOptions",
    });
    assert.ok((numbers.value as { extensionNumber: number[] }).extensionNumber.includes(50_001));
  });

  it("describes services in v1alpha too", async () => {
    const list = await reflect({ case: "listServices", value: "" }, ServerReflectionAlpha);
    const names = (list.value as { service: { name: string }[] }).service.map(({ name }) => name);
    for (const { typeName } of [PostService, ServerReflection, ServerReflectionAlpha]) {
      assert.ok(names.includes(typeName), typeName);
    }
    const symbol = { case: "fileContainingSymbol", value: ServerReflectionAlpha.typeName } as const;
    assert.equal((await reflect(symbol, ServerReflectionAlpha)).case, "fileDescriptorResponse");
    assert.match(ServerReflectionAlpha.method.serverReflectionInfo.input.typeName, /\.v1alpha\./);
  });

  async function reflect(question: ReflectionRequest, contract = ServerReflection) {
    const answers = createClient(contract, transport()).serverReflectionInfo(
      (async function* () {
        yield { messageRequest: question };
      })(),
    );
    for await (const { messageResponse } of answers) return messageResponse;
    throw new Error("no answer");
  }
});

describe("closing a gRPC server", () => {
  it("finishes calls in flight and refuses new ones", async () => {
    const begun = Promise.withResolvers<void>();
    const ending = Promise.withResolvers<void>();
    const server = await serveGrpc(
      {
        contracts: [PostService],
        readinessProblems: async () => [],
        closeStreams: () => undefined,
        routes: (router) => {
          router.service(PostService, {
            async getPost({ id }) {
              begun.resolve();
              await ending.promise;
              return { id };
            },
          });
        },
      },
      { port: 0, host: "127.0.0.1" },
    );
    const address = `http://127.0.0.1:${server.port}`;
    const call = createClient(PostService, createGrpcTransport({ address })).getPost({ id: "1" });
    const watching = Promise.withResolvers<void>();
    const watched = statuses(createGrpcTransport({ address }), undefined, () => watching.resolve());
    await Promise.all([begun.promise, watching.promise]);
    const closed = server.close();
    await sleep(100);
    ending.resolve();
    await closed;
    assert.deepEqual(await watched, [Status.SERVING, Status.NOT_SERVING]);
    assert.equal((await call).id, "1");
    const late = connect(server.port, "127.0.0.1");
    const [error] = await once(late, "error");
    assert.equal(error.code, "ECONNREFUSED");
  });
});

/** Collects the statuses of a health watch, until its stream ends. */
async function statuses(
  transport: Transport,
  signal?: AbortSignal,
  tell: (status: Status) => void = () => undefined,
): Promise<Status[]> {
  const seen: Status[] = [];
  try {
    for await (const { status } of createClient(Health, transport).watch(
      {},
      { ...(signal && { signal }) },
    )) {
      seen.push(status);
      tell(status);
    }
  } catch (error) {
    if (!signal?.aborted) throw error;
  }
  return seen;
}
