import assert from "node:assert/strict";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { describe, it } from "node:test";
import { createNameResolver } from "./name-resolver.ts";
import { createPictureFetcher } from "./picture-fetcher.ts";

const [typeA, typeAaaa] = [1, 28];

/** Answers queries for the addresses of any name. */
const server = createSocket("udp4", (query, { port, address }) => {
  const type = query.readUInt16BE(query.indexOf(0, 12) + 1);
  const data = type === typeA ? [10, 0, 0, 1] : [0xfd, ...Array(14).fill(0), 1];
  server.send(toResponse(query, type, Buffer.from(data)), port, address);
});
server.bind(0, "127.0.0.1").unref();
await once(server, "listening");

describe("createNameResolver", () => {
  const resolve = createNameResolver([`127.0.0.1:${server.address().port}`]);

  it("returns the addresses of both families", async () => {
    assert.deepEqual(await resolve("pictures.example"), [
      { address: "10.0.0.1", family: 4 },
      { address: "fd00::1", family: 6 },
    ]);
  });

  it("leads to no connection when the name servers know private addresses", async () => {
    const options = { trustedHosts: new Set<string>(), maxBytes: 1, timeoutMs: 10_000, resolve };
    const fetched = createPictureFetcher(options)(new URL("https://pictures.example/"));
    await assert.rejects(fetched, /pictures.example has no public address/);
  });
});

/** A DNS response (RFC 1035, 4.1) with one record for the name of the query. */
function toResponse(query: Buffer, type: number, data: Buffer): Buffer {
  const questionEnd = query.indexOf(0, 12) + 5;
  const header = Buffer.from([...query.subarray(0, 2), 0x81, 0x80, 0, 1, 0, 1, 0, 0, 0, 0]);
  const record = Buffer.from([0xc0, 12, 0, type, 0, 1, 0, 0, 0, 0, 0, data.length]);
  assert.ok(type === typeA || type === typeAaaa);
  return Buffer.concat([header, query.subarray(12, questionEnd), record, data]);
}
