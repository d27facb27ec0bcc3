import assert from "node:assert/strict";
import { before, describe, it } from "node:test";
import { validate } from "@readme/openapi-parser";
import fc from "fast-check";
import { type Member, register, signIn, signInDemo } from "./base/accounts.ts";
import { type Answer, rest } from "./base/api-client.ts";
import { camel, routeOf } from "./base/api-request.ts";
import { chatSubject } from "./base/chat-fixtures.ts";
import { contracts } from "./base/contracts.ts";
import {
  answerChecker,
  type Document,
  examples,
  type Operation,
  operationsOf,
  requiredOf,
  violations,
  writableOf,
} from "./base/openapi-document.ts";
import { suitePlaza } from "./base/running-plaza.ts";
import { productFor, shopSubject } from "./base/shop-fixtures.ts";

const samples = 4;
const services = contracts.map((contract) => contract.file.proto.package.split(".")[1] ?? "");

/** What a call is about: somebody who calls, and something of theirs. */
type Subject = {
  readonly owner: Member;
  readonly id: string;
  readonly productId: string;
  /** More that exists, by the names of fields. */
  readonly more?: Readonly<Record<string, unknown>>;
};

describe("/openapi.json", () => {
  const plaza = suitePlaza();
  let document: Document;
  let operations: Operation[];
  let admin: Member;
  let problems: (operation: Operation, status: number, body: unknown) => string | undefined;

  before(async () => {
    document = (await rest(plaza().url)("GET /openapi.json")).json() as unknown as Document;
    operations = operationsOf(document);
    problems = answerChecker(document);
    admin = await signInDemo(plaza().url, "admin1");
  });

  async function check(operation: Operation, answer: Answer): Promise<void> {
    const isMany = operation.isStream && answer.status === 200;
    for (const one of isMany ? answer.text.trim().split("\n") : [answer.text]) {
      const problem = problems(operation, answer.status, JSON.parse(one));
      assert.equal(problem, undefined, `${operation.name} ${answer.status}: ${one}`);
    }
  }

  /** A member for the call, and the id of something that the path asks for. */
  async function subjectOf({ path, name }: Operation): Promise<Subject> {
    const owner = await register(plaza().url);
    const productId = await productFor(admin);
    if (path.startsWith("/v1/posts")) {
      const post = await owner.ask("POST /v1/posts", { title: "A post", body: "text" });
      return { owner, productId, id: (post.json() as { id: string }).id };
    }
    if (name.startsWith("ShopService_")) {
      return { owner, productId, id: await shopSubject(name, owner, admin, productId) };
    }
    if (name.startsWith("FriendService_")) {
      const friend = await register(plaza().url);
      await friend.ask("POST /v1/friends:request", { userId: owner.id });
      return { owner, productId, id: friend.id };
    }
    if (name.startsWith("ChatService_")) {
      const more = await chatSubject(owner, await register(plaza().url));
      return { owner, productId, id: owner.id, more };
    }
    if (path.startsWith("/v1/auth/sessions/")) {
      await signIn(plaza().url, owner.email, owner.password);
      const { sessions } = (await owner.ask("GET /v1/auth/sessions")).json() as {
        sessions: { id: string; current?: boolean }[];
      };
      return { owner, productId, id: sessions.find(({ current }) => !current)?.id ?? "" };
    }
    return { owner, productId, id: owner.id };
  }

  /** What no schema can know: values that exist, for the fields that must name such. */
  function real(
    { name }: Operation,
    { owner, id, productId, more }: Subject,
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
      readMask: maskOf[name] ?? "id",
      role: "admin",
      ...more,
    };
  }

  function call(
    operation: Operation,
    ask: Member["ask"],
    values: Record<string, unknown>,
    body: unknown,
  ): Promise<Answer> {
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

  function callerOf(operation: Operation, { owner }: Subject): Member["ask"] {
    return operation.access === "admin" ? admin.ask : owner.ask;
  }

  function sampleOf(operation: Operation, seed: number): { values: object; body: unknown } {
    const skipped = new Set(["pageToken", "updateMask"]); // Only the server makes the one; the other is inferred.
    const values = Object.fromEntries(
      operation.parameters
        .filter(({ name, required }) => !skipped.has(name) && (required || seed % 2 === 0))
        .map(({ name, schema }) => [
          name,
          fc.sample(examples(schema, document), { numRuns: 1, seed })[0],
        ]),
    );
    const [body] = operation.body
      ? fc.sample(examples(operation.body, document), { numRuns: 1, seed })
      : [undefined];
    return { values, body };
  }

  it("is valid OpenAPI 3.1, and so is the document of each service", async () => {
    for (const path of ["/openapi.json", ...services.map((name) => `/openapi/${name}.json`)]) {
      const text = (await rest(plaza().url)(`GET ${path}`)).text;
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
          `${httpMethod} ${template.replace(/\{(?:\w+\.)?(\w+)\}/g, (_, name) => `{${camel(name)}}`)}`,
      );
    const described = operations.map(({ httpMethod, path }) => `${httpMethod} ${path}`);
    assert.deepEqual(described.sort(), routes.sort());
  });

  it("is the sum of the documents of the services", async () => {
    const parts = await Promise.all(
      services.map(async (name) => (await rest(plaza().url)(`GET /openapi/${name}.json`)).json()),
    );
    const names = parts
      .flatMap((part) => operationsOf(part as unknown as Document))
      .map(({ name }) => name);
    assert.deepEqual(names.sort(), operations.map(({ name }) => name).sort());
  });

  it("does not fit answers that differ from what it says", async () => {
    const operation = operations.find(({ name }) => name === "PostService_CreatePost");
    assert.ok(operation);
    const { owner } = await subjectOf(operation);
    const good = await call(operation, owner.ask, {}, { title: "A post", body: "text" });
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
      for (let seed = 1; seed <= samples; seed += 1) {
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
            : { ...named(body as object), ...patch(operation), ...whom(operation, subject) };
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
      for (const [why, { values, body }] of forbidden(operation, known, document)) {
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
      const nobody = await call(operation, rest(plaza().url), sent, body);
      assert.equal(nobody.status, 401, `${operation.name}: ${nobody.text}`);
      await check(operation, nobody);
      if (operation.access !== "admin") continue;
      const member = await call(operation, subject.owner.ask, sent, body);
      assert.equal(member.status, 403, `${operation.name}: ${member.text}`);
      await check(operation, member);
    }
  });
});

/** A mask that fits what an operation answers, where that has no id of its own. */
const maskOf: Readonly<Record<string, string>> = {
  AuthService_Introspect: "accountId",
  ChatService_ListEntries: "seq",
  FriendService_ListFriends: "userId",
};

/** A request must be to somebody, by one of two fields. */
function whom({ name }: Operation, { id }: Subject): object {
  return name === "FriendService_RequestFriendship" ? { userId: id } : {};
}

/** A change must change something. */
function patch({ httpMethod, path }: Operation): object {
  if (httpMethod !== "PATCH") return {};
  if (path.startsWith("/v1/posts")) return { title: "Changed", body: "changed" };
  if (path.startsWith("/v1/products")) return { name: "Changed" };
  if (path.startsWith("/v1/chats")) return path.endsWith("{seq}") ? {} : { title: "Changed" };
  return path.startsWith("/v1/carts") ? {} : { about: "Changed" };
}

type Request = { values: Record<string, unknown>; body: unknown };

/** Requests that break one rule of the document each. */
function forbidden(
  { parameters, body }: Operation,
  known: Record<string, unknown>,
  document: Document,
): [string, Request][] {
  const good = Object.fromEntries(
    parameters.filter(({ required }) => required).map(({ name }) => [name, known[name] ?? "x"]),
  );
  const content = body && {};
  const inParameters = parameters.flatMap(({ name, schema }) => {
    const one = schema.type === "array" ? (schema.items ?? {}) : schema;
    const bad = violations(one, document).filter(
      ([, value]) => typeof value !== "number" || one.type === "integer",
    );
    return bad.map(([why, value]): [string, Request] => [
      `${name} ${why}`,
      { values: { ...good, [name]: value }, body: content },
    ]);
  });
  if (!body) return inParameters;
  const inBody = writableOf(body, document).flatMap(([name, schema]) =>
    violations(schema, document).map(([why, value]): [string, Request] => [
      `${name} ${why}`,
      { values: good, body: { [name]: value } },
    ]),
  );
  const missing = requiredOf(body, document).map((name): [string, Request] => [
    `${name} missing`,
    { values: good, body: {} },
  ]);
  const unknown: [string, Request] = [
    "unknown property",
    { values: good, body: { colour: "red" } },
  ];
  return [...inParameters, ...inBody, ...missing, unknown];
}
