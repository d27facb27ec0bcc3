import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { PostSchema } from "@plaza/contract/posts/v1/posts";
import { register } from "./base/accounts.ts";
import { apiClient, assertApiError, violatedFields } from "./base/api-client.ts";
import { suitePlaza } from "./base/running-plaza.ts";

const unknownId = "00000000-0000-7000-8000-000000000000";

describe("responses", () => {
  const plaza = suitePlaza();
  const ask = () => apiClient(plaza().url);

  describe("the REST API refuses", () => {
    it("what breaks the rules of the contract, naming every field", async () => {
      const account = { email: "not an address", password: "short", nickname: "a b" };
      const status = assertApiError(
        await ask()("POST /v1/auth:register", account),
        400,
        "INVALID_REQUEST",
      );
      assert.equal(status.code, 3);
      assert.deepEqual(violatedFields(status).sort(), ["email", "nickname", "password"]);
    });

    it("unknown fields and parameters", async () => {
      const post = { title: "Hello", body: "World", colour: "red" };
      const ada = await register(plaza().url);
      assertApiError(await ada.request("POST /v1/posts", post), 400, "UNKNOWN_FIELD");
      assertApiError(await ask()("GET /v1/posts?colour=red"), 400, "UNKNOWN_PARAMETER");
    });

    it("what is not JSON, and JSON of the wrong type", async () => {
      const ada = await register(plaza().url);
      assertApiError(await ada.request("POST /v1/posts", "{"), 400, "MALFORMED_JSON");
      assertApiError(
        await ada.request("POST /v1/posts", { title: 7, body: "x" }),
        400,
        "INVALID_FIELD",
      );
      assertApiError(await ask()("GET /v1/posts?pageSize=many"), 400, "INVALID_PARAMETER");
    });

    it("callers who are not signed in, or whose token is worth nothing", async () => {
      const post = { title: "Hello", body: "World" };
      const answer = await ask()("POST /v1/posts", post);
      assert.equal(assertApiError(answer, 401, "NOT_SIGNED_IN").code, 16);
      assert.equal(answer.headers.get("www-authenticate"), "Bearer");
      for (const token of ["x", "e30.e30.", "eyJhbGciOiJub25lIn0.eyJzdWIiOiJtZSJ9."]) {
        assertApiError(await apiClient(plaza().url, token)("GET /v1/posts"), 401, "INVALID_TOKEN");
      }
    });

    it("what does not exist", async () => {
      assert.equal(
        assertApiError(await ask()(`GET /v1/posts/${unknownId}`), 404, "NO_SUCH_POST").code,
        5,
      );
      assertApiError(await ask()(`GET /v1/users/${unknownId}`), 404, "NO_SUCH_USER");
      assertApiError(await ask()("GET /v1/nothing"), 404, "NO_SUCH_ROUTE");
    });

    it("methods that a path does not take, saying which it does", async () => {
      const answer = await ask()("PUT /v1/posts", {});
      assertApiError(answer, 405, "METHOD_NOT_ALLOWED");
      const allowed = answer.headers.get("allow")?.split(/, */).sort();
      assert.ok(allowed?.includes("GET") && allowed.includes("POST"), `${allowed}`);
    });

    it("bodies that are too large, or of another type than JSON", async () => {
      const ada = await register(plaza().url);
      const large = { title: "Hello", body: "x".repeat(2 ** 20) };
      assertApiError(await ada.request("POST /v1/posts", large), 413, "BODY_TOO_LARGE");
      const form = { "content-type": "application/x-www-form-urlencoded" };
      assertApiError(
        await ada.request("POST /v1/posts", "title=x", form),
        415,
        "UNSUPPORTED_MEDIA_TYPE",
      );
    });

    it("messages that cannot be decoded, over RPC", async () => {
      const broken = "\x0a\xff"; // A string of 127 bytes, of which none follows.
      const post = async (type: string, body: string) => {
        const url = `${plaza().url}/plaza.posts.v1.PostService/GetPost`;
        const bytes = Uint8Array.from(body, (char) => char.charCodeAt(0));
        const answer = await fetch(url, {
          method: "POST",
          headers: { "content-type": type },
          body: bytes,
        });
        return `${answer.status} ${answer.headers.get("grpc-status")} ${await answer.text()}`;
      };
      assert.match(await post("application/proto", broken), /^400 .*"code":"invalid_argument"/);
      const framed = `\0\0\0\0\x02${broken}`;
      assert.match(await post("application/grpc-web+proto", framed), /grpc-status: *3\b/);
    });

    it("page tokens that it did not hand out", async () => {
      for (const token of ["x", "bm90IG1pbmU", "W10", "WyJ4Il0"]) {
        assertApiError(await ask()(`GET /v1/posts?pageToken=${token}`), 400, "BAD_PAGE_TOKEN");
      }
    });
  });

  describe("every response", () => {
    it("sets nosniff and a content security policy, and no-store where it is personal", async () => {
      const ada = await register(plaza().url);
      const answers = [
        await ask()("GET /"),
        await ask()("GET /v1/posts"),
        await ada.request("GET /v1/users/me"),
      ];
      for (const { headers } of answers) {
        assert.equal(headers.get("x-content-type-options"), "nosniff");
        const policy = headers.get("content-security-policy") ?? "";
        assert.match(policy, /script-src 'self'(;|$)/);
        assert.match(policy, /frame-ancestors 'none'/);
      }
      assert.equal(answers[2]?.headers.get("cache-control"), "no-store");
    });

    it("to a browser's sign-in holds a cookie that no script can read, and no tokens", async () => {
      const { email: login, password } = await register(plaza().url);
      const origin = { origin: plaza().url };
      const body = { login, password, session: "SESSION_KIND_COOKIE" };
      const answer = await ask()("POST /v1/auth:login", body, origin);
      assert.deepEqual(Object.keys(answer.json() as object).sort(), ["expiresIn", "user"]);
      const [cookie = ""] = answer.headers.getSetCookie();
      assert.match(cookie, /; *HttpOnly/i);
      assert.match(cookie, /; *SameSite=(Lax|Strict)/i);
      const sent = { ...origin, cookie: cookie.split(";")[0] ?? "" };
      const post = await ask()("POST /v1/posts", { title: "By cookie", body: "text" }, sent);
      assert.equal(post.as(PostSchema).title, "By cookie");
      const forged = { ...sent, origin: "https://elsewhere.example" };
      assertApiError(
        await ask()("POST /v1/posts", { title: "x", body: "x" }, forged),
        403,
        "CROSS_SITE_REQUEST",
      );
    });

    it("of the probes reports the state", async () => {
      assert.equal((await ask()("GET /livez")).status, 200);
      assert.equal((await ask()("GET /readyz")).status, 200);
      const metrics = await ask()("GET /metrics");
      assert.equal(metrics.status, 200);
      assert.match(metrics.text, /^# HELP /m);
    });
  });
});
