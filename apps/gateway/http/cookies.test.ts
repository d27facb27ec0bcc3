import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { createClient, type ServiceImpl, type Transport } from "@connectrpc/connect";
import { AuthService, SessionKind } from "@plaza/contract/auth/v1/auth";
import { ShopService } from "@plaza/contract/shop/v1/shop";
import { createLocalTransport } from "@plaza/kit/rpc/local-transport";
import { rpcProtocols, transportOver } from "../testing/protocol-transports.ts";
import { extendedSessionSecret, testGateway } from "../testing/test-gateway.ts";
import { mergeSetCookies } from "./cookies.ts";

const productId = "01900000-0000-7000-8000-0000000000bb";
const credentials = { login: "ann", password: "right", session: SessionKind.COOKIE };

/** The Set-Cookie headers of the answer to a call. */
type Calls = {
  login(headers: HeadersInit): Promise<string[]>;
  logout(headers: HeadersInit): Promise<string[]>;
  addToCart(headers: HeadersInit): Promise<string[]>;
};

const shop = {
  addCartItem: () => ({ cartToken: "the-secret-of-a-cart" }),
} as unknown as ServiceImpl<typeof ShopService>;

describe("the cookies of an answer", () => {
  const inMemory = createLocalTransport([{ contract: ShopService, implementation: shop as never }]);
  const plaza = testGateway(
    {},
    { extraService: { contract: ShopService, transport: () => inMemory } },
  );

  const post = async (path: string, body: object, headers: HeadersInit) => {
    const all = { ...(headers as object), "content-type": "application/json" };
    const init = { method: "POST", headers: all, body: JSON.stringify(body) };
    const answer = await fetch(`${plaza.url()}${path}`, init);
    assert.equal(answer.status, 200, await answer.text());
    return answer.headers.getSetCookie();
  };
  const overRest = (): Calls => ({
    login: (headers) =>
      post("/v1/auth:login", { ...credentials, session: "SESSION_KIND_COOKIE" }, headers),
    logout: (headers) => post("/v1/auth:logout", {}, headers),
    addToCart: (headers) => post("/v1/carts/me/items", { productId, quantity: 1 }, headers),
  });

  function over(transport: Transport): Calls {
    const auth = createClient(AuthService, transport);
    const carts = createClient(ShopService, transport);
    const cookiesOf = async (call: (onHeader: (header: Headers) => void) => Promise<unknown>) => {
      let cookies: string[] = [];
      await call((header) => {
        cookies = header.getSetCookie();
      });
      return cookies;
    };
    return {
      login: (headers) => cookiesOf((onHeader) => auth.login(credentials, { headers, onHeader })),
      logout: (headers) => cookiesOf((onHeader) => auth.logout({}, { headers, onHeader })),
      addToCart: (headers) =>
        cookiesOf((onHeader) =>
          carts.addCartItem({ productId, quantity: 1 }, { headers, onHeader }),
        ),
    };
  }

  const protocols: Record<string, () => Calls> = {
    REST: overRest,
    ...Object.fromEntries(
      rpcProtocols.map((name) => [name, () => over(transportOver(name, plaza.url()))]),
    ),
  };

  for (const [protocol, callsOver] of Object.entries(protocols)) {
    const withSession = (secret: string) => ({
      cookie: `plaza_session=${secret}`,
      "sec-fetch-site": "same-origin",
    });

    it(`are of the new session alone, when one begins: ${protocol}`, async () => {
      for (const secret of ["long-gone", extendedSessionSecret]) {
        const cookies = await callsOver().login(withSession(secret));
        assert.equal(cookies.length, 1, `${cookies}`);
        assert.match(cookies[0] ?? "", /^plaza_session=[\w-]+; Max-Age=3600;/);
      }
    });

    it(`end the session, also one that was to be kept for longer: ${protocol}`, async () => {
      const member = plaza.sessions.get(extendedSessionSecret) ?? "";
      const cookies = await callsOver().logout(withSession(extendedSessionSecret));
      plaza.sessions.set(extendedSessionSecret, member);
      assert.equal(cookies.length, 1, `${cookies}`);
      assert.match(cookies[0] ?? "", /^plaza_session=; Max-Age=0;/);
    });

    it(`are those of the session and others beside each other: ${protocol}`, async () => {
      const [session = "", cart = "", ...more] = await callsOver().addToCart(
        withSession("long-gone"),
      );
      assert.match(session, /^plaza_session=; Max-Age=0;/);
      assert.match(cart, /^plaza_cart=the-secret-of-a-cart;/);
      assert.deepEqual(more, []);
    });
  }
});

describe("cookies that are merged", () => {
  it("are one of each name, the call's", () => {
    const kept = ["a=1; Path=/", "ab=2", "c=3"];
    assert.deepEqual(mergeSetCookies(kept, ["c=", "a=4; Path=/"]), ["ab=2", "c=", "a=4; Path=/"]);
    assert.deepEqual(mergeSetCookies(undefined, ["a=1"]), ["a=1"]);
    assert.deepEqual(mergeSetCookies("a=1", []), ["a=1"]);
  });
});
