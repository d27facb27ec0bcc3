import assert from "node:assert/strict";
import { before, describe, it } from "node:test";
import {
  type DescMethod,
  type DescService,
  type JsonObject,
  type Message,
  toJson,
} from "@bufbuild/protobuf";
import type { Client } from "@connectrpc/connect";
import { Access } from "@plaza/contract/kit/v1/options";
import type { Service } from "@plaza/kit/runtime/service";
import { testPlaza } from "@plaza/kit/testing/plaza";
import { loadServices, serviceNames } from "../apps/cli/services.ts";
import { isRead } from "../apps/gateway/methods/idempotency-level.ts";
import { accessOf } from "./base/access-path.ts";
import { type ForeignRows, insertForeignRows } from "./base/foreign-rows.ts";
import { listCases } from "./base/list-cases.ts";

const startTime = new Date();
const services = (await loadServices(serviceNames())).map(withQuotableIds);

/** The methods that return rows to people; services ask on behalf of everybody. */
const listMethods = services
  .flatMap(({ contract }) => contract.methods)
  .filter((method) => isRead(method) && returnsRows(method) && accessOf(method) !== Access.SERVICE);

describe("a list or search", () => {
  const plaza = testPlaza({ services, now: () => startTime });
  let rows: ForeignRows;
  before(async () => {
    rows = await insertForeignRows(plaza);
  });

  for (const method of listMethods) {
    it(`${method.name} returns the caller's rows, and none that match in all but the keys`, async () => {
      const listCase = listCases[methodPath(method)];
      assert.ok(listCase, `${methodPath(method)} is not in test/base/list-cases.ts`);
      const { requests, own, foreign, caller = "reader" } = listCase;
      const client = rows[caller].as(method.parent);
      const texts = requests(rows).map((request) => readText(client, method, request));
      const text = (await Promise.all(texts)).join();
      const isIn = (one: string) => text.includes(one);
      assert.deepEqual(
        own(rows).filter((one) => !isIn(one)),
        [],
        "rows are missing",
      );
      if (typeof foreign === "string") return;
      assert.ok(foreign(rows).length > 0);
      assert.deepEqual(foreign(rows).filter(isIn), [], "rows of others are returned");
    });
  }

  it("has no case for a method that returns no rows", () => {
    assert.deepEqual(Object.keys(listCases).sort(), listMethods.map(methodPath).sort());
  });
});

/** Whether the response repeats a message, or is one of a stream. */
function returnsRows({ methodKind, output }: DescMethod): boolean {
  return (
    methodKind === "server_streaming" ||
    output.fields.some(({ fieldKind, message }) => fieldKind === "list" && message !== undefined)
  );
}

function methodPath({ parent, name }: DescMethod): string {
  return `${parent.typeName}/${name}`;
}

/** All that a method returns, as JSON: every page, two rows at a time, or a stream up to its first heartbeat. */
async function readText(
  client: Client<DescService>,
  method: DescMethod,
  request: object,
): Promise<string> {
  const call = client[method.localName] as unknown as (request: object) => unknown;
  if (method.methodKind === "server_streaming") {
    let text = "";
    for await (const message of call(request) as AsyncIterable<Message>) {
      const line = JSON.stringify(toJson(method.output, message));
      if (line.startsWith('{"heartbeat"')) break;
      text += line;
    }
    return text;
  }
  const isPaged = method.input.fields.some(({ name }) => name === "page_token");
  const page = isPaged ? { pageSize: 2, ...request } : request;
  let text = "";
  for (let pageToken = ""; ; ) {
    const response = await (call({ ...page, ...(isPaged && { pageToken }) }) as Promise<Message>);
    const json = toJson(method.output, response) as JsonObject;
    text += JSON.stringify(json);
    pageToken = String(json["nextPageToken"] ?? "");
    if (!pageToken) return text;
  }
}

let idCount = 0;

/** Ids that PostgreSQL's text search takes for one word each: every part has a letter. They differ in the last. */
function newQuotableId(): string {
  idCount += 1;
  return `01a0cafe-cafe-7afe-babe-${(0xface_0000_0000 + idCount).toString(16)}`;
}

function withQuotableIds(service: Service): Service {
  return { ...service, create: (deps) => service.create({ ...deps, newId: newQuotableId }) };
}
