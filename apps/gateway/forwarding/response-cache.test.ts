import assert from "node:assert/strict";
import { beforeEach, describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { create, toBinary } from "@bufbuild/protobuf";
import { Code, ConnectError, createClient, type ServiceImpl } from "@connectrpc/connect";
import { createGrpcTransport } from "@connectrpc/connect-node";
import { EventService } from "@plaza/contract/kit/v1/events";
import { OrderPlacedSchema } from "@plaza/contract/shop/v1/events";
import { ShopService } from "@plaza/contract/shop/v1/shop";
import { createLocalTransport } from "@plaza/kit/rpc/local-transport";
import { testGateway } from "../testing/test-gateway.ts";

const id = "01900000-0000-7000-8000-0000000000aa";
const other = "01900000-0000-7000-8000-0000000000bb";

/** The stubbed shop: the calls it received, and what it awaits before it responds. */
const shop = { calls: 0, stock: 0, headers: new Headers(), hold: () => Promise.resolve() };
let publishEvent: (() => void) | undefined;

const implementation: Partial<ServiceImpl<typeof ShopService>> = {
  async getProduct(request, { requestHeader }) {
    shop.calls++;
    shop.headers = requestHeader;
    const { stock } = shop;
    await shop.hold();
    if (request.id === other) throw new ConnectError("no such product", Code.NotFound);
    return { id: request.id, stock };
  },
  async listProducts(_, { requestHeader }) {
    shop.calls++;
    shop.headers = requestHeader;
    return { products: [] };
  },
  async restockProduct({ id, quantity }) {
    shop.stock += quantity;
    return { id, stock: shop.stock };
  },
};

const events: ServiceImpl<typeof EventService> = {
  async readEvents({ fromEnd, waitMs }, { signal }) {
    const next = { seen: "1:1:" };
    if (fromEnd) return { next };
    const { promise, resolve } = Promise.withResolvers<void>();
    publishEvent = resolve;
    await Promise.race([promise, sleep(waitMs, undefined, { signal })]);
    const value = toBinary(OrderPlacedSchema, create(OrderPlacedSchema));
    const typeUrl = `type.googleapis.com/${OrderPlacedSchema.typeName}`;
    return { next, events: [{ payload: { typeUrl, value } }] };
  },
};

const transport = createLocalTransport([
  { contract: ShopService, implementation: implementation as never },
  { contract: EventService, implementation: events as never },
]);

describe("cached responses", () => {
  let skippedMs = 0;
  const plaza = testGateway(
    {},
    {
      extraService: { contract: ShopService, transport: () => transport },
      now: () => performance.now() + skippedMs,
    },
  );
  const get = (headers: Record<string, string> = {}, which = id) =>
    fetch(`${plaza.url()}/v1/products/${which}`, { headers });
  const stock = async () => ((await (await get()).json()) as { stock?: number }).stock ?? 0;
  const restock = () =>
    fetch(`${plaza.url()}/v1/products/${id}:restock`, {
      method: "POST",
      headers: {
        "content-type": "application/json",
        authorization: `Bearer ${plaza.signIn()}`,
      },
      body: JSON.stringify({ quantity: 1 }),
    });

  beforeEach(async () => {
    Object.assign(shop, { stock: 0, hold: () => Promise.resolve() });
    await restock();
    shop.calls = 0;
  });

  it("are shared by equal requests, in every protocol", async () => {
    assert.equal(await stock(), 1);
    assert.equal(await stock(), 1);
    const grpc = createClient(ShopService, createGrpcTransport({ baseUrl: plaza.url() }));
    assert.equal((await grpc.getProduct({ id })).stock, 1);
    assert.equal(shop.calls, 1);
    await get({}, other.replace("b", "c"));
    await (await fetch(`${plaza.url()}/v1/products/${id}?readMask=id`)).text();
    assert.equal(shop.calls, 3);
  });

  it("are fetched anonymously, so that they cannot depend on the caller", async () => {
    const answer = await get({
      authorization: `Bearer ${plaza.signIn()}`,
      "user-agent": "Test/1.0",
    });
    assert.equal(answer.status, 200);
    assert.deepEqual([...shop.headers.keys()], ["traceparent"]);
  });

  it("are not used for requests that set the excepted field", async () => {
    const list = `${plaza.url()}/v1/products`;
    const headers = { authorization: `Bearer ${plaza.signIn()}` };
    for (let i = 0; i < 2; i++) await fetch(list, { headers });
    assert.equal(shop.calls, 1);
    for (let i = 0; i < 2; i++) await fetch(`${list}?showRetired=true`, { headers });
    assert.equal(shop.calls, 3);
    assert.match(shop.headers.get("authorization") ?? "", /^Bearer /);
  });

  it("are dropped at a write through this gateway", async () => {
    assert.equal(await stock(), 1);
    await restock();
    assert.equal(await stock(), 2);
  });

  it("are not those of calls begun before a write", async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    shop.hold = () => promise;
    const before = stock();
    while (shop.calls === 0) await sleep(2);
    await restock();
    shop.hold = () => Promise.resolve();
    assert.equal(await stock(), 2);
    resolve();
    assert.equal(await before, 1);
    assert.equal(await stock(), 2);
  });

  it("are dropped at an event of the service", async () => {
    // The gateway tails the log as long as it listens.
    for (let i = 0; i < 300 && !publishEvent; i++) {
      await stock();
      await sleep(10);
    }
    await restock();
    const readAt = performance.now();
    assert.equal(await stock(), 2);
    shop.stock = 7;
    assert.equal(await stock(), 2);
    publishEvent?.();
    while ((await stock()) !== 7) await sleep(10);
    assert.ok(performance.now() - readAt < 4_000, "before the maximal age");
  });

  it("are dropped at the maximal age", async () => {
    assert.equal(await stock(), 1);
    shop.stock = 9;
    assert.equal(await stock(), 1);
    skippedMs += 5_100;
    assert.equal(await stock(), 9);
  });

  it("are fetched once for concurrent requests", async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    shop.hold = () => promise;
    const all = Promise.all(Array.from({ length: 20 }, stock));
    while (shop.calls === 0) await sleep(2);
    await sleep(50);
    resolve();
    assert.deepEqual([...new Set(await all)], [1]);
    assert.equal(shop.calls, 1);
  });

  it("reach other waiters when the first one aborts or times out", async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    shop.hold = () => promise;
    const hangUp = new AbortController();
    const first = fetch(`${plaza.url()}/v1/products/${id}`, { signal: hangUp.signal });
    while (shop.calls === 0) await sleep(2);
    const hasty = await get({ "grpc-timeout": "20m" });
    assert.equal(hasty.status, 504);
    const last = stock();
    await sleep(20);
    hangUp.abort();
    await assert.rejects(first);
    await sleep(20);
    resolve();
    assert.equal(await last, 1);
    assert.equal(shop.calls, 1);
  });

  it("do not include errors", async () => {
    for (let i = 1; i <= 2; i++) {
      assert.equal((await get({}, other)).status, 404);
      assert.equal(shop.calls, i);
    }
  });

  it("have an ETag, and are not sent to clients that have them", async () => {
    const first = await get();
    const etag = first.headers.get("etag") ?? "";
    assert.match(etag, /^"[\w-]{22}"$/);
    assert.equal(first.headers.get("cache-control"), "private, no-cache");
    const same = await get({ "if-none-match": `"x", ${etag}` });
    assert.equal(same.status, 304);
    assert.equal(same.headers.get("etag"), etag);
    assert.equal(same.headers.get("content-length"), null);
    assert.equal(await same.text(), "");
    await restock();
    assert.equal((await get({ "if-none-match": etag })).status, 200);
    const refused = await get({ "if-none-match": "*" }, other);
    assert.deepEqual([refused.status, refused.headers.get("etag")], [404, null]);
    assert.equal(refused.headers.get("cache-control"), "no-store");
  });
});
