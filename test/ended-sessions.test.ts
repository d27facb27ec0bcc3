import assert from "node:assert/strict";
import path from "node:path";
import { Readable } from "node:stream";
import { after, before, describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { Code, ConnectError, createClient } from "@connectrpc/connect";
import { ChatService } from "@plaza/contract/chat/v1/chat";
import { PostService } from "@plaza/contract/posts/v1/posts";
import { ProductSchema } from "@plaza/contract/shop/v1/products";
import { ShopService } from "@plaza/contract/shop/v1/shop";
import { createGrpcTransport, type GrpcTransport } from "@plaza/grpc/transport";
import { toConnectionUrl } from "@plaza/kit/db/connection-config";
import { freePort } from "@plaza/kit/free-port";
import { clusterConnectionConfig, prepareCluster } from "@plaza/kit/postgres/database-cluster";
import { reasonOf } from "@plaza/kit/rpc/error-mapping";
import { decodeJwt } from "jose";
import { serviceNames } from "../apps/cli/services.ts";
import { type Member, register, signIn, signInDemo } from "./base/accounts.ts";
import { apiClient } from "./base/api-client.ts";
import { runCli } from "./base/cli.ts";
import { newSeededDataDir, removeDataDir, testDataDir } from "./base/data-dir.ts";
import { type RunningPlaza, startPlaza } from "./base/running-plaza.ts";
import { createProduct } from "./base/shop-fixtures.ts";
import { waitUntil } from "./base/wait-until.ts";

/**
 * Everything but posts in one process, posts in another; both take calls from other processes, so that a client
 * which has reached their ports can call past the gateway.
 */
describe("what an access token opens after its session has ended", () => {
  const dataDir = newSeededDataDir();
  const running: RunningPlaza[] = [];
  const direct = new Map<string, GrpcTransport>();
  let url = "";
  let admin: Member;

  before(async () => {
    if (!testDataDir) await runCli(["seed"], { dataDir });
    const ports = { posts: await freePort(), others: await freePort() };
    const others = serviceNames().filter((name) => name !== "posts");
    const addressOf = (port: number) => `http://127.0.0.1:${port}`;
    const env = { PLAZA_SERVICE_KEY: "a key that is there for this test only" };
    const main = await startPlaza({
      dataDir,
      args: [...others, "gateway"],
      env: {
        ...env,
        PLAZA_GRPC_PORT: String(ports.others),
        PLAZA_POSTS_ADDRESS: addressOf(ports.posts),
      },
    });
    running.push(main);
    const posts = await startPlaza({
      dataDir,
      args: ["posts"],
      env: {
        ...env,
        ...(await postsDatabase()),
        ...Object.fromEntries(
          others.map((name) => [`PLAZA_${name.toUpperCase()}_ADDRESS`, addressOf(ports.others)]),
        ),
        PLAZA_GRPC_PORT: String(ports.posts),
      },
    });
    running.unshift(posts);
    url = /http:\/\/localhost:\d+/.exec(main.output())?.[0] ?? "";
    for (const [name, port] of Object.entries(ports)) {
      direct.set(name, createGrpcTransport({ address: [addressOf(port)] }));
    }
    admin = await signInDemo(url, "admin1");
  });
  after(async () => {
    for (const transport of direct.values()) transport.close();
    for (const plaza of running) await plaza.stop();
    await removeDataDir(dataDir);
  });

  /** The database of posts on the server that the other process has started. */
  async function postsDatabase(): Promise<Record<string, string>> {
    if (process.env["DATABASE_URL"]) return {};
    const cluster = await prepareCluster(path.join(dataDir, "postgres"));
    const config = clusterConnectionConfig(cluster, "plaza_posts");
    return { PLAZA_POSTS_DATABASE_URL: toConnectionUrl(config) };
  }

  /** Calls past the gateway, with the member's token. */
  function directCalls({ accessToken }: Pick<Member, "accessToken">) {
    const calls = { headers: { authorization: `Bearer ${accessToken}` }, timeoutMs: 20_000 };
    const transportTo = (name: string) => direct.get(name) as GrpcTransport;
    const posts = createClient(PostService, transportTo("posts"));
    const shop = createClient(ShopService, transportTo("others"));
    const chats = createClient(ChatService, transportTo("others"));
    return {
      createPost: () => posts.createPost({ title: "A title", body: "A body" }, calls),
      setPrice: (id: string, priceMinor: bigint) =>
        shop.updateProduct(
          { product: { id, priceMinor }, updateMask: { paths: ["price_minor"] } },
          calls,
        ),
      getMyCart: () => shop.getMyCart({}, calls),
      subscribe: () => chats.subscribe({}, calls),
    };
  }

  async function waitUntilRefused(call: () => Promise<unknown>, reason: string): Promise<void> {
    const isRefused = () =>
      call().then(
        () => false,
        (error: unknown) => reasonOf(error) === reason,
      );
    await waitUntil(isRefused, `the call is still not refused with ${reason}`);
  }

  /** Sends the headers of a call, and its body once `end` is done. Returns the response's status. */
  async function holdBody(
    { accessToken }: Member,
    line: string,
    body: object,
    end: () => Promise<unknown>,
  ): Promise<number> {
    const [method = "", target = ""] = line.split(" ");
    async function* chunks() {
      yield Buffer.from("{");
      await sleep(300);
      await end();
      yield Buffer.from(JSON.stringify(body).slice(1));
    }
    const { status } = await fetch(url + target, {
      method,
      headers: { authorization: `Bearer ${accessToken}`, "content-type": "application/json" },
      body: Readable.toWeb(Readable.from(chunks())),
      duplex: "half",
    } as RequestInit);
    return status;
  }

  const postCount = async (authorId: string) => {
    const { text } = await apiClient(url)(`GET /v1/posts?authorId=${authorId}`);
    return text.split('"authorId"').length - 1;
  };

  const endings: Record<string, (member: Member) => Promise<unknown>> = {
    logout: ({ request }) => request("POST /v1/auth:logout", {}),
    "the end of one session by another": async ({ email, password, accessToken }) => {
      const { request } = await signIn(url, email, password);
      return request(`DELETE /v1/auth/sessions/${decodeJwt(accessToken)["sid"]}`);
    },
    "a change of password elsewhere": async ({ email, password }) => {
      const { request } = await signIn(url, email, password);
      const change = { currentPassword: password, newPassword: `${password}!` };
      return request("POST /v1/auth:changePassword", change);
    },
    deactivation: ({ id }) => admin.request(`POST /v1/auth/accounts/${id}:deactivate`, {}),
    deletion: ({ request }) => request("DELETE /v1/users/me"),
  };

  for (const [name, end] of Object.entries(endings)) {
    it(`is nothing, by direct calls to any process: ${name}`, async () => {
      const member = await register(url);
      const { createPost, getMyCart } = directCalls(member);
      await createPost();
      await getMyCart();
      await end(member);
      await waitUntilRefused(createPost, "INVALID_SESSION");
      // Public methods included: what is asked for is the member's cart.
      await waitUntilRefused(getMyCart, "INVALID_SESSION");
      if (name === "deletion") {
        await waitUntil(async () => (await postCount(member.id)) === 0, "posts are left");
      }
    });
  }

  it("is a member's rights only, once the role of an admin is revoked", async () => {
    const member = await register(url);
    const id = await createProduct(admin);
    const role = { role: "admin" };
    await admin.request(`POST /v1/auth/accounts/${member.id}:grantRole`, role);
    const former = await signIn(url, member.email, member.password);
    const { setPrice, getMyCart } = directCalls(former);
    await setPrice(id, 300n);
    const revoke = () => admin.request(`POST /v1/auth/accounts/${member.id}:revokeRole`, role);
    const price = { priceMinor: "1" };
    assert.equal(await holdBody(former, `PATCH /v1/products/${id}`, price, revoke), 403);
    await waitUntilRefused(() => setPrice(id, 300n), "ROLE_REQUIRED");
    await getMyCart();
    const product = (await admin.request(`GET /v1/products/${id}`)).as(ProductSchema);
    assert.equal(product.priceMinor, 300n);
  });

  it("is no call whose body arrives later", async () => {
    for (const name of ["logout", "deletion"] as const) {
      const member = await register(url);
      const end = () => endings[name]?.(member) ?? assert.fail();
      const post = { title: "Held", body: "A body" };
      assert.equal(await holdBody(member, "POST /v1/posts", post, end), 401);
      assert.equal(await postCount(member.id), 0);
    }
  });

  it("is no stream that was opened before", async () => {
    const member = await register(url);
    const stream = directCalls(member).subscribe()[Symbol.asyncIterator]();
    await stream.next();
    await member.request("POST /v1/auth:logout", {});
    const read = async () => {
      while (!(await stream.next()).done);
    };
    await assert.rejects(read, (error) => ConnectError.from(error).code === Code.Unauthenticated);
  });
});
