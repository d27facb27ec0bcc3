import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { gzipSync } from "node:zlib";
import { startPictureHost } from "../testing/picture-host.ts";
import { createPictureFetcher, type PictureFetcherOptions } from "./picture-fetcher.ts";

const host = await startPictureHost();
const maxBytes = 100_000;

describe("a picture of another site", () => {
  const fetchFrom = (url: string, options: Partial<PictureFetcherOptions> = {}) =>
    createPictureFetcher({
      trustedHosts: new Set([host.host]),
      maxBytes,
      timeoutMs: 10_000,
      resolve: async () => assert.fail("nothing was to be looked up"),
      ...options,
    })(new URL(url));

  it("is fetched without a word about the reader", async () => {
    host.serve("/a.png", (_request, response) => response.end("bytes"));
    assert.equal(String(await fetchFrom(host.url("/a.png"))), "bytes");
    const { host: asked, connection, ...headers } = host.requests.get("/a.png")?.[0] ?? {};
    assert.deepEqual([asked, connection], [host.host, "close"]);
    assert.deepEqual(headers, {
      accept: "image/avif,image/webp,image/png,image/jpeg,image/gif",
      "accept-encoding": "identity",
      "user-agent": "Plaza",
    });
  });

  it("is fetched from public addresses only, however they are written", async () => {
    const refused = [
      ...["127.0.0.1", "127.1", "2130706433", "0x7f000001", "0177.0.0.1", "0.0.0.0", "10.0.0.1"],
      ...["169.254.169.254", "[::1]", "[::]", "[::ffff:127.0.0.1]", "[64:ff9b::7f00:1]"],
      ...["[fd00:ec2::254]", "[fe80::1]", "[2002:7f00:1::]"],
    ];
    for (const address of refused) {
      await assert.rejects(fetchFrom(`http://${address}/a.png`), /is not public/, address);
    }
  });

  it("is fetched from the address that was checked: the name is resolved once", async () => {
    let count = 0;
    const resolve = async () => {
      count += 1;
      return [{ address: "127.0.0.1", family: 4 }];
    };
    for (const name of ["localhost", "rebinding.example", "nas.lan"]) {
      await assert.rejects(fetchFrom(`https://${name}/`, { resolve }), /no public address/);
    }
    assert.equal(count, 3);
  });

  it("is fetched over http and https, on their ports, without credentials", async () => {
    const untrusted = { trustedHosts: new Set<string>() };
    await assert.rejects(fetchFrom(host.url("/a.png"), untrusted), /port \d+/);
    await assert.rejects(fetchFrom("https://a.example:8443/"), /port 8443/);
    await assert.rejects(fetchFrom("ftp://a.example/a.png"), /scheme ftp:/);
    await assert.rejects(fetchFrom("file:///etc/passwd"), /scheme file:/);
    await assert.rejects(fetchFrom("data:image/png;base64,AA"), /scheme data:/);
    await assert.rejects(fetchFrom("https://me:secret@a.example/"), /credentials/);
    await assert.rejects(fetchFrom(`https://a.example/${"a".repeat(2_000)}`), /too long/);
  });

  describe("that redirects", () => {
    const redirect = (path: string, location: string) =>
      host.serve(path, (_request, response) => response.writeHead(302, { location }).end());

    it("is followed up to three times", async () => {
      for (const step of [1, 2, 3, 4]) redirect(`/step${step}`, `step${step - 1}`);
      host.serve("/step0", (_request, response) => response.end("there"));
      assert.equal(String(await fetchFrom(host.url("/step3"))), "there");
      await assert.rejects(fetchFrom(host.url("/step4")), /too many redirects/);
    });

    it("is checked again at each step", async () => {
      redirect("/in", "http://169.254.169.254/latest/meta-data");
      await assert.rejects(fetchFrom(host.url("/in")), /169.254.169.254 is not public/);
      redirect("/name", "http://inside.example/");
      const resolve = async () => [{ address: "::ffff:10.0.0.1", family: 6 }];
      await assert.rejects(fetchFrom(host.url("/name"), { resolve }), /no public address/);
      redirect("/file", "file:///etc/passwd");
      await assert.rejects(fetchFrom(host.url("/file")), /scheme file:/);
      redirect("/port", "http://a.example:6379/");
      await assert.rejects(fetchFrom(host.url("/port")), /port 6379/);
    });
  });

  it("is read to its limit, whether it says its length or not", async () => {
    host.serve("/long", (_request, response) => {
      response.writeHead(200, { "content-length": maxBytes + 1 }).write("a");
    });
    await assert.rejects(fetchFrom(host.url("/long")), /too many bytes/);
    host.serve("/endless", (_request, response) => {
      const write = () => {
        while (!response.destroyed && response.write(Buffer.alloc(64_000)));
        response.once("drain", write);
      };
      write();
    });
    await assert.rejects(fetchFrom(host.url("/endless")), /too many bytes/);
  });

  it("is not inflated", async () => {
    host.serve("/bomb", (_request, response) => {
      response.writeHead(200, { "content-encoding": "gzip" }).end(gzipSync(Buffer.alloc(maxBytes)));
    });
    await assert.rejects(fetchFrom(host.url("/bomb")), /content encoding gzip/);
  });

  it("has one time limit, from the look-up to the last byte", async () => {
    const timeoutMs = 50;
    host.serve("/silent", () => undefined);
    host.serve("/drip", (_request, response) => {
      const timer = setInterval(() => response.write("."), 10);
      response.once("close", () => clearInterval(timer));
    });
    for (const path of ["/silent", "/drip"]) {
      await assert.rejects(fetchFrom(host.url(path), { timeoutMs }), /abort/i);
    }
    const resolve = () => new Promise<never>(() => undefined);
    await assert.rejects(fetchFrom("https://a.example/", { timeoutMs, resolve }));
  });

  it("fails with any other status, and with a connection that breaks", async () => {
    await assert.rejects(fetchFrom(host.url("/none")), /status 404/);
    host.serve("/broken", (_request, response) => {
      response.writeHead(200, { "content-length": 10 }).write("five!");
      setImmediate(() => response.destroy());
    });
    await assert.rejects(fetchFrom(host.url("/broken")));
  });
});
