import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { CartSchema } from "@plaza/contract/shop/v1/carts";
import { register, signInDemo } from "./base/accounts.ts";
import { type ApiResponse, apiClient, assertApiError } from "./base/api-client.ts";
import { suitePlaza } from "./base/running-plaza.ts";
import { createProduct } from "./base/shop-fixtures.ts";

describe("a visitor's cart", () => {
  const plaza = suitePlaza();
  const url = () => plaza().url;
  const add = "POST /v1/carts/me/items";
  const product = async () => createProduct(await signInDemo(url(), "admin1"));

  /** The REST API as a page of Plaza calls it, which keeps cookies. */
  function browser() {
    const jar = new Map<string, string>();
    const ask = async (line: string, body?: unknown, more: Record<string, string> = {}) => {
      const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join("; ");
      const answer = await apiClient(url())(line, body, { origin: url(), cookie, ...more });
      for (const [name, value] of cookiesOf(answer)) jar.set(name, value);
      return answer;
    };
    return { ask, jar };
  }

  function cookiesOf(answer: ApiResponse): [string, string][] {
    return answer.headers.getSetCookie().map((one) => {
      const [, name = "", value = ""] = /^([^=]+)=([^;]*)/.exec(one) ?? [];
      return [name, value];
    });
  }

  const contents = (answer: ApiResponse) =>
    answer.as(CartSchema).items.map(({ productId, quantity }) => [productId, quantity]);

  it("is known by a cookie that scripts and other sites do not get", async () => {
    const { ask, jar } = browser();
    const productId = await product();
    const first = await ask(add, { productId, quantity: 2 });
    assert.equal(first.as(CartSchema).cartToken, "");
    assert.match(
      first.headers.getSetCookie().join(),
      /^plaza_cart=plz_ct_[\w-]{43}; Max-Age=34560000; Path=\/; HttpOnly; SameSite=Lax$/,
    );
    const secret = jar.get("plaza_cart");
    assert.deepEqual(contents(await ask(add, { productId, quantity: 1 })), [[productId, 3]]);
    assert.deepEqual(contents(await ask("GET /v1/carts/me")), [[productId, 3]]);
    assert.deepEqual(contents(await ask(`DELETE /v1/carts/me/items/${productId}`)), []);
    assert.equal(jar.get("plaza_cart"), secret);
  });

  it("is known by its token to clients that are no browsers", async () => {
    const productId = await product();
    const first = await apiClient(url())(add, { productId, quantity: 2 });
    const { cartToken } = first.as(CartSchema);
    assert.match(cartToken, /^plz_ct_/);
    assert.deepEqual(first.headers.getSetCookie(), []);
    const query = new URLSearchParams({ cartToken }).toString();
    assert.deepEqual(contents(await apiClient(url())(`GET /v1/carts/me?${query}`)), [
      [productId, 2],
    ]);
    assert.deepEqual(contents(await apiClient(url())("GET /v1/carts/me")), []);
  });

  it("becomes the member's by signing in and merging", async () => {
    const { ask } = browser();
    const [productId, otherId] = [await product(), await product()];
    const member = await register(url());
    await member.request(add, { productId: otherId, quantity: 1 });
    await ask(add, { productId, quantity: 2 });
    const login = {
      login: member.nickname,
      password: member.password,
      session: "SESSION_KIND_COOKIE",
    };
    assert.equal((await ask("POST /v1/auth:login", login)).status, 200);
    const both = [
      [otherId, 1],
      [productId, 2],
    ];
    assert.deepEqual(contents(await ask("POST /v1/carts/me:merge", {})), both);
    assert.deepEqual(contents(await ask("POST /v1/carts/me:merge", {})), both);
    assert.deepEqual(contents(await ask("GET /v1/carts/me")), both);
    await ask("POST /v1/auth:logout", {});
    assert.deepEqual(contents(await ask("GET /v1/carts/me")), []);
  });

  it("cannot be changed or begun by pages of other sites", async () => {
    const { ask } = browser();
    const productId = await product();
    const item = { productId, quantity: 1 };
    const foreign = { origin: "https://evil.example" };
    assertApiError(await ask(add, item, foreign), 403, "CROSS_SITE_REQUEST");
    await ask(add, item);
    assertApiError(await ask(add, item, foreign), 403, "CROSS_SITE_REQUEST");
    assert.deepEqual(contents(await ask("GET /v1/carts/me")), [[productId, 1]]);
  });

  it("is a new one when the cookie is broken or unknown", async () => {
    const productId = await product();
    const unknown = `plz_ct_${"A".repeat(43)}`;
    for (const value of ["%00", "x".repeat(5_000), "a b", unknown]) {
      const { ask, jar } = browser();
      jar.set("plaza_cart", value);
      assert.deepEqual(contents(await ask("GET /v1/carts/me")), [], value);
      assert.deepEqual(contents(await ask(add, { productId, quantity: 1 })), [[productId, 1]]);
      assert.match(jar.get("plaza_cart") ?? "", /^plz_ct_[\w-]{43}$/);
      assert.notEqual(jar.get("plaza_cart"), unknown);
    }
  });

  it("is kept over Connect as well, next to an ended session", async () => {
    const { ask, jar } = browser();
    const productId = await product();
    jar.set("plaza_session", "long-gone");
    const answer = await ask("POST /plaza.shop.v1.ShopService/AddCartItem", {
      productId,
      quantity: 1,
    });
    assert.deepEqual(contents(answer), [[productId, 1]]);
    assert.deepEqual([...jar.keys()].sort(), ["plaza_cart", "plaza_session"]);
    assert.equal(jar.get("plaza_session"), "");
    assert.deepEqual(contents(await ask("GET /v1/carts/me")), [[productId, 1]]);
  });
});
