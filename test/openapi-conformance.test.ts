import assert from "node:assert/strict";
import { before, describe, it } from "node:test";
import { validate } from "@readme/openapi-parser";
import fc from "fast-check";
import { type Member, register, signIn, signInDemo } from "./base/accounts.ts";
import { type ApiResponse, apiClient } from "./base/api-client.ts";
import { routeOf, toCamelCase } from "./base/api-request.ts";
import { createChatFieldValues } from "./base/chat-fixtures.ts";
import { contracts } from "./base/contracts.ts";
import {
  createResponseValidator,
  invalidValues,
  listOperations,
  type OpenApiDocument,
  type OpenApiOperation,
  requiredProperties,
  validValues,
  writableProperties,
} from "./base/openapi-document.ts";
import { suitePlaza } from "./base/running-plaza.ts";
import { createProduct, createShopResource } from "./base/shop-fixtures.ts";

const samplesPerOperation = 4;
const serviceNames = contracts.map((contract) => contract.file.proto.package.split(".")[1] ?? "");

/** What a call is about: somebody who calls, and something of theirs. */
type CallSubject = {
  readonly owner: Member;
  readonly id: string;
  readonly productId: string;
  /** More that exists, by the names of fields. */
  readonly fieldValues?: Readonly<Record<string, unknown>>;
};

describe("/openapi.json", () => {
  const plaza = suitePlaza();
  let document: OpenApiDocument;
  let operations: OpenApiOperation[];
  let admin: Member;
  let problems: (operation: OpenApiOperation, status: number, body: unknown) => string | undefined;

  before(async () => {
    document = (
      await apiClient(plaza().url)("GET /openapi.json")
    ).json() as unknown as OpenApiDocument;
    operations = listOperations(document);
    problems = createResponseValidator(document);
    admin = await signInDemo(plaza().url, "admin1");
  });

  async function check(operation: OpenApiOperation, answer: ApiResponse): Promise<void> {
    const isMany = operation.isStream && answer.status === 200;
    for (const one of isMany ? answer.text.trim().split("\n") : [answer.text]) {
      const problem = problems(operation, answer.status, JSON.parse(one));
      assert.equal(problem, undefined, `${operation.name} ${answer.status}: ${one}`);
    }
  }

  /** A member for the call, and the id of something that the path asks for. */
  async function subjectOf({ path, name }: OpenApiOperation): Promise<CallSubject> {
    const owner = await register(plaza().url);
    const productId = await createProduct(admin);
    if (path.startsWith("/v1/posts")) {
      const post = await owner.request("POST /v1/posts", { title: "A post", body: "text" });
      return { owner, productId, id: (post.json() as { id: string }).id };
    }
    if (name.startsWith("ShopService_")) {
      return { owner, productId, id: await createShopResource(name, owner, admin, productId) };
    }
    if (name.startsWith("FriendService_")) {
      const friend = await register(plaza().url);
      await friend.request("POST /v1/friends:request", { userId: owner.id });
      return { owner, productId, id: friend.id };
    }
    if (name.startsWith("ChatService_")) {
      const fieldValues = await createChatFieldValues(owner, await register(plaza().url));
      return { owner, productId, id: owner.id, fieldValues };
    }
    if (path.startsWith("/v1/auth/sessions/")) {
      await signIn(plaza().url, owner.email, owner.password);
      const { sessions } = (await owner.request("GET /v1/auth/sessions")).json() as {
        sessions: { id: string; current?: boolean }[];
      };
      return { owner, productId, id: sessions.find(({ current }) => !current)?.id ?? "" };
    }
    return { owner, productId, id: owner.id };
  }

  /** What no schema can know: values that exist, for the fields that must name such. */
  function real(
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

  function call(
    operation: OpenApiOperation,
    ask: Member["request"],
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
    return ask(`${httpMethod} ${path}${search}`, body, headers);
  }

  function callerOf(operation: OpenApiOperation, { owner }: CallSubject): Member["request"] {
    return operation.access === "admin" ? admin.request : owner.request;
  }

  function sampleOf(operation: OpenApiOperation, seed: number): { values: object; body: unknown } {
    const skipped = new Set(["pageToken", "updateMask"]); // Only the server makes the one; the other is inferred.
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
      .flatMap((method) => routeOf(method) ?? [])
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

  it("does not fit answers that differ from what it says", async () => {
    const operation = operations.find(({ name }) => name === "PostService_CreatePost");
    assert.ok(operation);
    const { owner } = await subjectOf(operation);
    const good = await call(operation, owner.request, {}, { title: "A post", body: "text" });
    const post = good.json() as object;
    assert.equal(problems(operation, 200, post), undefined);
    for (const bad of [
      { ...post, colour: "red" },
      { ...post, title: 7 },
      { ...post, createTime: "now" },
    ]) {
      assert.notEqual(problems(operation, 200, bad), undefined);
    }
    assert.notEqual(problems(operation, 400, { code: 3 }), undefined);
  });

  it("says what every operation answers to what it allows", async (test) => {
    let calls = 0;
    for (const operation of operations) {
      for (let seed = 1; seed <= samplesPerOperation; seed += 1) {
        const subject = await subjectOf(operation);
        const known = real(operation, subject);
        const { values, body } = sampleOf(operation, seed);
        const isKnown = ([name]: [string, unknown]) => name in known;
        const named = (from: object) =>
          Object.fromEntries(
            Object.entries(from).map(([name, value]) => [
              name,
              isKnown([name, value]) ? known[name] : value,
            ]),
          );
        const sent =
          body === undefined
            ? undefined
            : {
                ...named(body as object),
                ...patchFields(operation),
                ...requestRecipient(operation, subject),
              };
        const answer = await call(operation, callerOf(operation, subject), named(values), sent);
        assert.equal(
          answer.status,
          200,
          `${operation.name} ${JSON.stringify(sent)}: ${answer.text}`,
        );
        await check(operation, answer);
        calls += 1;
      }
    }
    test.diagnostic(`${calls} calls of ${operations.length} operations`);
  });

  it("says what every operation answers to what it forbids", async (test) => {
    let calls = 0;
    for (const operation of operations) {
      const subject = await subjectOf(operation);
      const known = real(operation, subject);
      const ask = callerOf(operation, subject);
      for (const [why, { values, body }] of invalidRequests(operation, known, document)) {
        const answer = await call(operation, ask, values, body);
        assert.equal(
          answer.status,
          400,
          `${operation.name}, ${why}: ${answer.status} ${answer.text}`,
        );
        await check(operation, answer);
        calls += 1;
      }
    }
    test.diagnostic(`${calls} calls`);
  });

  it("says whom every operation turns away, and with what", async () => {
    for (const operation of operations) {
      if (operation.access === "anybody") continue;
      const subject = await subjectOf(operation);
      const { values, body } = sampleOf(operation, 1);
      const sent = { ...values, id: subject.id };
      const nobody = await call(operation, apiClient(plaza().url), sent, body);
      assert.equal(nobody.status, 401, `${operation.name}: ${nobody.text}`);
      await check(operation, nobody);
      if (operation.access !== "admin") continue;
      const member = await call(operation, subject.owner.request, sent, body);
      assert.equal(member.status, 403, `${operation.name}: ${member.text}`);
      await check(operation, member);
    }
  });
});

/** A mask that fits what an operation answers, where that has no id of its own. */
const readMasks: Readonly<Record<string, string>> = {
  AuthService_Introspect: "accountId",
  ChatService_ListEntries: "seq",
  FriendService_ListFriends: "userId",
};

/** A request must be to somebody, by one of two fields. */
function requestRecipient({ name }: OpenApiOperation, { id }: CallSubject): object {
  return name === "FriendService_RequestFriendship" ? { userId: id } : {};
}

/** A change must change something. */
function patchFields({ httpMethod, path }: OpenApiOperation): object {
  if (httpMethod !== "PATCH") return {};
  if (path.startsWith("/v1/posts")) return { title: "Changed", body: "changed" };
  if (path.startsWith("/v1/products")) return { name: "Changed" };
  if (path.startsWith("/v1/chats")) return path.endsWith("{seq}") ? {} : { title: "Changed" };
  return path.startsWith("/v1/carts") ? {} : { about: "Changed" };
}

type RequestSample = { values: Record<string, unknown>; body: unknown };

/** Requests that break one rule of the document each. */
function invalidRequests(
  { parameters, body }: OpenApiOperation,
  known: Record<string, unknown>,
  document: OpenApiDocument,
): [string, RequestSample][] {
  const good = Object.fromEntries(
    parameters.filter(({ required }) => required).map(({ name }) => [name, known[name] ?? "x"]),
  );
  const content = body && {};
  const inParameters = parameters.flatMap(({ name, schema }) => {
    const one = schema.type === "array" ? (schema.items ?? {}) : schema;
    const bad = invalidValues(one, document).filter(
      ([, value]) => typeof value !== "number" || one.type === "integer",
    );
    return bad.map(([why, value]): [string, RequestSample] => [
      `${name} ${why}`,
      { values: { ...good, [name]: value }, body: content },
    ]);
  });
  if (!body) return inParameters;
  const inBody = writableProperties(body, document).flatMap(([name, schema]) =>
    invalidValues(schema, document).map(([why, value]): [string, RequestSample] => [
      `${name} ${why}`,
      { values: good, body: { [name]: value } },
    ]),
  );
  const missing = requiredProperties(body, document).map((name): [string, RequestSample] => [
    `${name} missing`,
    { values: good, body: {} },
  ]);
  const unknown: [string, RequestSample] = [
    "unknown property",
    { values: good, body: { colour: "red" } },
  ];
  return [...inParameters, ...inBody, ...missing, unknown];
}
