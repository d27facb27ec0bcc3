// The gateway behind reverse proxies, and the clients that people have: `node proxies.ts [<folder of the built clients>]`.
import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { connect } from "node:http2";
import { request } from "node:https";
import { tmpdir } from "node:os";
import path from "node:path";
import { text } from "node:stream/consumers";
import { after, before, describe, it } from "node:test";
import { createClient, type Transport } from "@connectrpc/connect";
import {
  createConnectTransport,
  createGrpcTransport,
  createGrpcWebTransport,
} from "@connectrpc/connect-node";
import { PostService } from "@plaza/contract/posts/v1/posts";
import { createAuthority, createCertificate } from "../../apps/cli/certificates.ts";
import { NoteService } from "../../apps/gateway/testing/note-service.ts";
import { serveRecordingNotes } from "../../apps/gateway/testing/recording-notes.ts";
import { postId, testGateway } from "../../apps/gateway/testing/test-gateway.ts";
import { type ProxyKind, type RunningProxy, startProxy } from "./proxy.ts";

const [clients = ""] = process.argv.slice(2);
const authority = await createAuthority(1);
const certificate = await createCertificate(authority, "plaza", ["localhost", "127.0.0.1"], 1);
const folder = mkdtempSync(path.join(tmpdir(), "plaza-authority-"));
const caFile = path.join(folder, "ca.pem");
writeFileSync(caFile, authority.cert);
after(() => rmSync(folder, { recursive: true, force: true }));

/** Of a single test: what a proxy holds back does not come. */
const timeout = 10_000;

const nodeOptions = { ca: authority.cert };

/** The RPC protocols over TLS; gRPC needs HTTP/2 all the way. */
const transports: Readonly<Record<string, (baseUrl: string) => Transport>> = {
  "Connect over HTTP/1.1": (baseUrl) =>
    createConnectTransport({ baseUrl, httpVersion: "1.1", nodeOptions }),
  "Connect over HTTP/2": (baseUrl) =>
    createConnectTransport({ baseUrl, httpVersion: "2", nodeOptions }),
  "gRPC-Web over HTTP/1.1": (baseUrl) =>
    createGrpcWebTransport({ baseUrl, httpVersion: "1.1", nodeOptions }),
  gRPC: (baseUrl) => createGrpcTransport({ baseUrl, nodeOptions }),
};

const proxies: readonly ProxyKind[] = [
  "nginx",
  "HAProxy, HTTP/1.1 upstream",
  "HAProxy, HTTP/2 upstream",
];

for (const kind of proxies) {
  describe(`behind ${kind}`, { timeout: 120_000 }, () => {
    const remote = serveRecordingNotes();
    const gateway = testGateway(
      { PLAZA_TRUST_PROXY: "1" },
      { extraService: { contract: NoteService, transport: remote } },
    );
    let proxy: RunningProxy;
    let baseUrl = "";
    before(async () => {
      proxy = await startProxy(kind, gateway.port(), certificate);
      baseUrl = `https://localhost:${proxy.port}`;
    });
    after(() => proxy?.stop());

    for (const [protocol, createTransport] of Object.entries(transports)) {
      const skip =
        protocol === "gRPC" && kind === "HAProxy, HTTP/1.1 upstream" && "gRPC needs HTTP/2";
      it(`a call over ${protocol} passes`, { skip, timeout }, async () => {
        const client = createClient(PostService, createTransport(baseUrl));
        assert.equal((await client.getPost({ id: postId })).id, postId);
      });

      // The service sends one message and then waits for the end: what arrives before that has not been held back.
      it(`a message of a stream over ${protocol} arrives at once`, { skip, timeout }, async () => {
        const canceling = new AbortController();
        const { signal } = canceling;
        const client = createClient(NoteService, createTransport(baseUrl));
        const replies = client.watch({ board: "quiet" }, { signal })[Symbol.asyncIterator]();
        assert.equal((await replies.next()).value?.cursor, "c1");
        canceling.abort();
        await assert.rejects(replies.next());
      });
    }

    for (const accept of ["text/event-stream", "application/x-ndjson"]) {
      it(`a message of a stream of REST as ${accept} arrives at once`, { timeout }, async () => {
        const call = request(`${baseUrl}/v1/boards/quiet:watch`, {
          ...nodeOptions,
          headers: { accept },
        }).end();
        const [response] = await once(call, "response");
        assert.match(String((await once(response, "data"))[0]), /quiet after/);
        call.destroy();
      });
    }

    it("a message of a stream of REST over HTTP/2 arrives at once", { timeout }, async () => {
      const session = connect(baseUrl, nodeOptions);
      const stream = session.request({
        ":path": "/v1/boards/quiet:watch",
        accept: "text/event-stream",
      });
      assert.match(String((await once(stream, "data"))[0]), /quiet after/);
      session.destroy();
    });

    describeClients(
      () => baseUrl,
      () => `localhost:${proxy.port}`,
      kind !== "HAProxy, HTTP/1.1 upstream",
      true,
    );
  });
}

describe("without a proxy", { timeout: 120_000 }, () => {
  const gateway = testGateway({});
  describeClients(gateway.url, () => `127.0.0.1:${gateway.port()}`, true, false);
});

/** Calls of programs that people have. */
function describeClients(
  baseUrl: () => string,
  authority: () => string,
  speaksGrpc: boolean,
  isTls: boolean,
): void {
  const body = JSON.stringify({ email: "a@example.org", password: "wrong" });
  const curl = (...args: string[]) =>
    run("curl", ["-sS", "--max-time", "10", "--cacert", caFile, "-w", "\n%{http_code}", ...args]);
  const built = (name: string) => path.join(clients, name);
  const skipBuilt = (name: string) =>
    clients !== "" && existsSync(built(name)) ? false : "run peers/build clients";

  for (const version of isTls
    ? ["--http1.1", "--http2"]
    : ["--http1.1", "--http2-prior-knowledge"]) {
    it(`curl ${version} gets a post`, async () => {
      const printed = await curl(version, `${baseUrl()}/v1/posts/${postId}`);
      assert.match(printed, new RegExp(`${postId}[\\s\\S]*\\n200$`));
    });

    it(`curl ${version} sends a large body with Expect`, async () => {
      const args = ["-H", "content-type: application/json", "-H", "expect: 100-continue"];
      const large = JSON.stringify({ ...JSON.parse(body), nickname: "x".repeat(2_000) });
      const url = `${baseUrl()}/v1/sessions`;
      const printed = await curl(version, ...args, "--data", large, url);
      assert.match(printed, /\n4\d\d$/);
    });

    it(`curl ${version} asks for the head of a page`, async () => {
      assert.match(await curl(version, "-I", `${baseUrl()}/livez`), /\n200$/);
    });
  }

  const tlsOf = (plain: string[], tls: string[]) => (isTls ? tls : plain);
  it("grpcurl lists the services", { skip: !speaksGrpc || skipBuilt("grpcurl") }, async () => {
    const args = [...tlsOf(["-plaintext"], ["-cacert", caFile]), authority(), "list"];
    assert.match(await run(built("grpcurl"), args), /plaza\.posts\.v1\.PostService/);
  });

  it("grpcurl calls", { skip: !speaksGrpc || skipBuilt("grpcurl") }, async () => {
    const method = "plaza.posts.v1.PostService/GetPost";
    const request = ["-d", JSON.stringify({ id: postId }), authority(), method];
    const args = [...tlsOf(["-plaintext"], ["-cacert", caFile]), ...request];
    assert.match(await run(built("grpcurl"), args), new RegExp(postId));
  });

  it("grpc-health-probe", { skip: !speaksGrpc || skipBuilt("grpc-health-probe") }, async () => {
    const args = [`-addr=${authority()}`, ...tlsOf([], ["-tls", `-tls-ca-cert=${caFile}`])];
    assert.match(await run(built("grpc-health-probe"), args), /SERVING/);
  });

  it("ghz", { skip: !speaksGrpc || skipBuilt("ghz") }, async () => {
    const printed = await run(built("ghz"), [
      ...tlsOf(["--insecure"], [`--cacert=${caFile}`]),
      "--call=plaza.posts.v1.PostService.GetPost",
      `--data=${JSON.stringify({ id: postId })}`,
      "--total=200",
      "--concurrency=10",
      "--format=json",
      authority(),
    ]);
    assert.deepEqual(JSON.parse(printed).statusCodeDistribution, { OK: 200 });
  });

  const skipJava = spawnSync("java", ["-version"]).status === 0 ? false : "install java";
  const java = ["java", path.join(import.meta.dirname, "HttpClientGet.java")] as const;
  for (const [name, skip, [program, ...args]] of [
    ["Go's net/http", skipBuilt("net-http"), [built("net-http")]],
    ["httpx", skipBuilt("httpx"), [built("httpx")]],
    ["Java's HttpClient", skipJava, java],
  ] as const) {
    it(name, { skip }, async () => {
      const printed = await run(program, [...args, `${baseUrl()}/v1/posts/${postId}`, caFile]);
      assert.match(printed, new RegExp(`^200 [\\s\\S]*${postId}`));
    });
  }
}

async function run(program: string, args: readonly string[]): Promise<string> {
  const child = spawn(program, args, { stdio: ["ignore", "pipe", "pipe"] });
  const [stdout, stderr] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, "close"),
  ]);
  assert.equal(child.exitCode, 0, `${program}: ${stdout}${stderr}`);
  return `${stdout}${/SERVING/.test(stderr) ? stderr : ""}`;
}
