import assert from "node:assert/strict";
import { before, describe, it } from "node:test";
import { validate } from "@readme/openapi-parser";
import fc from "fast-check";
import pLimit from "p-limit";
import { type Member, signInDemo } from "./base/accounts.ts";
import { type ApiClient, type ApiResponse, apiClient } from "./base/api-client.ts";
import { routesOf, toCamelCase } from "./base/api-request.ts";
import {
  type CallSubject,
  createSubjectFactory,
  type SubjectFactory,
} from "./base/call-subjects.ts";
import { contracts } from "./base/contracts.ts";
import { invalidRequests } from "./base/invalid-requests.ts";
import {
  createResponseValidator,
  listOperations,
  type OpenApiDocument,
  type OpenApiOperation,
  type ResponseValidator,
  validValues,
} from "./base/openapi-document.ts";
import { isDefaultPlacement, suitePlaza } from "./base/running-plaza.ts";

/** Valid requests to each operation; less where placements repeat what one has shown. */
const samplesPerOperation = isDefaultPlacement ? 4 : 2;
const concurrentOperations = 4;
const serviceNames = contracts.map((contract) => contract.file.proto.package.split(".")[1] ?? "");

describe("/openapi.json", () => {
  const plaza = suitePlaza();
  let document: OpenApiDocument;
  let operations: OpenApiOperation[];
  let admin: Member;
  let subjects: SubjectFactory;
  let validateResponse: ResponseValidator;

  before(async () => {
    document = (
      await apiClient(plaza().url)("GET /openapi.json")
    ).json() as unknown as OpenApiDocument;
    operations = listOperations(document);
    validateResponse = createResponseValidator(document);
    admin = await signInDemo(plaza().url, "admin1");
    subjects = createSubjectFactory(plaza().url, admin);
  });

  async function assertConforms(operation: OpenApiOperation, response: ApiResponse): Promise<void> {
    const isNdjson = operation.isStream && response.status === 200;
    for (const line of isNdjson ? response.text.trim().split("\n") : [response.text]) {
      const problem = validateResponse(operation, response.status, JSON.parse(line));
      assert.equal(problem, undefined, `${operation.name} ${response.status}: ${line}`);
    }
  }

  /** What no schema can know: ids and secrets that exist, for the fields that must hold such. */
  function existingValues(
    { name }: OpenApiOperation,
    { owner, id, productId, fieldValues }: CallSubject,
  ): Record<string, unknown> {
    const isLogin = name === "AuthService_Login";
    const isFriends = name.startsWith("FriendService_");
    return {
      id,
      ids: [owner.id],
      authorId: owner.id,
      userId: isFriends ? id : owner.id,
      userIds: [id],
      ...(isFriends ? { nickname: "" } : {}),
      productId,
      quantity: 2,
      etag: "",
      expectedTotalMinor: "250",
      login: owner.email,
      ...(isLogin ? { password: owner.password } : {}),
      currentPassword: owner.password,
      refreshToken: owner.refreshToken,
      token: owner.accessToken,
      readMask: readMasks[name] ?? "id",
      role: "admin",
      ...fieldValues,
    };
  }

  function callOperation(
    operation: OpenApiOperation,
    client: ApiClient,
    values: Record<string, unknown>,
    body: unknown,
  ): Promise<ApiResponse> {
    const { httpMethod, parameters } = operation;
    const path = operation.path.replace(/\{(\w+)\}/g, (_, name: string) =>
      encodeURIComponent(String(values[name])),
    );
    const query = parameters
      .filter((one) => one.in === "query" && values[one.name] !== undefined)
      .flatMap(({ name }) => [values[name]].flat().map((value) => [name, String(value)]));
    const search = query.length > 0 ? `?${new URLSearchParams(query)}` : "";
    // Streams go on for as long as their callers stay.
    const headers = operation.isStream ? { "grpc-timeout": "200m" } : {};
    return client(`${httpMethod} ${path}${search}`, body, headers);
  }

  function clientOf(operation: OpenApiOperation, { owner }: CallSubject): ApiClient {
    return operation.access === "admin" ? admin.request : owner.request;
  }

  function sampleRequest(
    operation: OpenApiOperation,
    seed: number,
  ): { values: object; body: unknown } {
    // Only the server makes page tokens; it infers masks.
    const skipped = new Set(["pageToken", "updateMask"]);
    const values = Object.fromEntries(
      operation.parameters
        .filter(({ name, required }) => !skipped.has(name) && (required || seed % 2 === 0))
        .map(({ name, schema }) => [
          name,
          fc.sample(validValues(schema, document), { numRuns: 1, seed })[0],
        ]),
    );
    const [body] = operation.body
      ? fc.sample(validValues(operation.body, document), { numRuns: 1, seed })
      : [undefined];
    return { values, body };
  }

  it("is valid OpenAPI 3.1, and so is the document of each service", async () => {
    for (const path of ["/openapi.json", ...serviceNames.map((name) => `/openapi/${name}.json`)]) {
      const text = (await apiClient(plaza().url)(`GET ${path}`)).text;
      const { valid, ...rest_ } = await validate(JSON.parse(text));
      assert.ok(valid, `${path}: ${JSON.stringify(rest_)}`);
    }
  });

  it("describes every route of the contracts, and no other", () => {
    const routes = contracts
      .flatMap(({ methods }) => methods)
      .flatMap(routesOf)
      .map(
        ({ httpMethod, template }) =>
          `${httpMethod} ${template.replace(/\{(?:\w+\.)?(\w+)\}/g, (_, name) => `{${toCamelCase(name)}}`)}`,
      );
    const described = operations.map(({ httpMethod, path }) => `${httpMethod} ${path}`);
    assert.deepEqual(described.sort(), routes.sort());
  });

  it("is the sum of the documents of the services", async () => {
    const parts = await Promise.all(
      serviceNames.map(async (name) =>
        (await apiClient(plaza().url)(`GET /openapi/${name}.json`)).json(),
      ),
    );
    const names = parts
      .flatMap((part) => listOperations(part as unknown as OpenApiDocument))
      .map(({ name }) => name);
    assert.deepEqual(names.sort(), operations.map(({ name }) => name).sort());
  });

  it("rejects responses that differ from the document", async () => {
    const operation = operations.find(({ name }) => name === "PostService_CreatePost");
    assert.ok(operation);
    const { owner } = await subjects.create(operation);
    const good = await callOperation(
      operation,
      owner.request,
      {},
      { title: "A post", body: "text" },
    );
    const post = good.json() as object;
    assert.equal(validateResponse(operation, 200, post), undefined);
    for (const bad of [
      { ...post, colour: "red" },
      { ...post, title: 7 },
      { ...post, createTime: "now" },
    ]) {
      assert.notEqual(validateResponse(operation, 200, bad), undefined);
    }
    assert.notEqual(validateResponse(operation, 400, { code: 3 }), undefined);
  });

  it("describes the response of every operation to valid requests", async (test) => {
    let calls = 0;
    await forEachOperation(async (operation) => {
      for (let seed = 1; seed <= samplesPerOperation; seed += 1) {
        const subject = await subjects.create(operation);
        const known = existingValues(operation, subject);
        const withExistingValues = (sample: object) =>
          Object.fromEntries(
            Object.entries(sample).map(([name, value]) => [
              name,
              name in known ? known[name] : value,
            ]),
          );
        const { values, body } = sampleRequest(operation, seed);
        const sent =
          body === undefined
            ? undefined
            : {
                ...withExistingValues(body as object),
                ...patchFields(operation),
                ...requestRecipient(operation, subject),
              };
        const client = clientOf(operation, subject);
        const response = await callOperation(operation, client, withExistingValues(values), sent);
        const call = `${operation.name} ${JSON.stringify(sent)}`;
        assert.equal(response.status, 200, `${call}: ${response.text}`);
        await assertConforms(operation, response);
        calls += 1;
      }
    });
    test.diagnostic(`${calls} calls of ${operations.length} operations`);
  });

  it("describes the response of every operation to invalid requests", async (test) => {
    let calls = 0;
    await forEachOperation(async (operation) => {
      const subject = await subjects.createUnconsumed(operation);
      const known = existingValues(operation, subject);
      const client = clientOf(operation, subject);
      for (const [why, { values, body }] of invalidRequests(operation, known, document)) {
        const response = await callOperation(operation, client, values, body);
        const { status, text } = response;
        assert.equal(status, 400, `${operation.name}, ${why}: ${status} ${text}`);
        await assertConforms(operation, response);
        calls += 1;
      }
    });
    test.diagnostic(`${calls} calls`);
  });

  it("describes which callers every operation refuses, and with which status", async () => {
    await forEachOperation(async (operation) => {
      if (operation.access === "anybody") return;
      const subject = await subjects.createUnconsumed(operation);
      const { values, body } = sampleRequest(operation, 1);
      const sent = { ...values, id: subject.id };
      const nobody = await callOperation(operation, apiClient(plaza().url), sent, body);
      assert.equal(nobody.status, 401, `${operation.name}: ${nobody.text}`);
      await assertConforms(operation, nobody);
      if (operation.access !== "admin") return;
      const member = await callOperation(operation, subject.owner.request, sent, body);
      assert.equal(member.status, 403, `${operation.name}: ${member.text}`);
      await assertConforms(operation, member);
    });
  });

  /** Calls `work` for every operation, some at a time, as most of a call is waiting. */
  async function forEachOperation(
    work: (operation: OpenApiOperation) => Promise<void>,
  ): Promise<void> {
    const limit = pLimit(concurrentOperations);
    await Promise.all(operations.map((operation) => limit(work, operation)));
  }
});

/** A mask that fits what an operation answers, where that has no id of its own. */
const readMasks: Readonly<Record<string, string>> = {
  AuthService_Introspect: "accountId",
  ChatService_ListEntries: "seq",
  FriendService_ListFriends: "userId",
};

/** A request names its recipient by one of two fields. */
function requestRecipient({ name }: OpenApiOperation, { id }: CallSubject): object {
  return name === "FriendService_RequestFriendship" ? { userId: id } : {};
}

/** An update must change a field. */
function patchFields({ httpMethod, path }: OpenApiOperation): object {
  if (httpMethod !== "PATCH") return {};
  if (path.startsWith("/v1/posts")) return { title: "Changed", body: "changed" };
  if (path.startsWith("/v1/products")) return { name: "Changed" };
  if (path.startsWith("/v1/chats")) return path.endsWith("{seq}") ? {} : { title: "Changed" };
  return path.startsWith("/v1/carts") ? {} : { about: "Changed" };
}
