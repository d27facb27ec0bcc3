import assert from "node:assert/strict";
import { once } from "node:events";
import { readdirSync, readFileSync } from "node:fs";
import { type IncomingMessage, request } from "node:http";
import { type AddressInfo, connect } from "node:net";
import { text } from "node:stream/consumers";
import { after, before, describe, it } from "node:test";
import {
  Code,
  ConnectError,
  createRouterTransport,
  type HandlerContext,
} from "@connectrpc/connect";
import { createMessage, findService } from "./testing/contract.ts";
import { createNote, startNoteServer } from "./testing/note-service.ts";
import { createRestServer } from "./testing/rest-server.ts";

const folder = new URL(".", import.meta.url);
const readme = readFileSync(new URL("README.md", folder), "utf8");

describe("README", () => {
  it("shows the example that the tests run", () => {
    const example = readFileSync(new URL("testing/rest-server.ts", folder), "utf8");
    assert.ok(readme.includes(`\`\`\`ts\n// rest-server.ts\n${example}\`\`\``));
  });

  it("names for each item of the checklist the file that holds its cases", () => {
    const [, checklist = ""] = readme.split("## The checklist");
    const rows = [...checklist.matchAll(/^\| (\d+) \|.*\| ([^|]+) \|$/gm)];
    const items = Array.from({ length: 43 }, (_, i) => i + 1);
    assert.deepEqual(
      rows.map(([, item]) => Number(item)),
      items,
    );
    for (const [, item, files = ""] of rows) {
      for (const [, file = ""] of files.matchAll(/`([^`]+)`/g)) {
        const tests = readFileSync(new URL(file, folder), "utf8");
        assert.match(tests, new RegExp(`["\`]${item}: `), `${file} has no case of ${item}`);
      }
    }
  });

  it("leaves no test file unnamed", () => {
    const files = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((file) =>
      file.endsWith(".test.ts"),
    );
    for (const file of files) assert.ok(readme.includes(`\`${file}\``), file);
  });
});

describe("the README's example", () => {
  const library = findService("LibraryService");
  const transport = createRouterTransport(({ service: add }) => {
    add(library, {
      getBook: (
        { name }: { name: string },
        { responseHeader, responseTrailer }: HandlerContext,
      ) => {
        responseHeader.set("x-control", "a\u0001b");
        responseTrailer.set("x-control", "a\u007fb");
        responseHeader.set("x-latin", "\u00e9");
        const metadata = { "x-control": "a\u0001b" };
        if (name === "0") throw new ConnectError("no such book", Code.NotFound, metadata);
        return createMessage("Book", { name, title: "long ".repeat(500) });
      },
      updateBook: ({ book }: { book: unknown }) => book,
    } as never);
  });
  const server = createRestServer([library], transport);
  let origin = "";

  before(async () => {
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  after(() => server.close());

  it("reads, in gzip too", async () => {
    const response = await fetch(`${origin}/v1/books/a%2Fb`);
    assert.equal(response.headers.get("content-encoding"), "gzip");
    const { name, title } = (await response.json()) as { name: string; title: string };
    assert.deepEqual([name, title.length], ["a/b", 2500]);
  });

  it("writes", async () => {
    const response = await fetch(`${origin}/v1/shelves/1/books/2`, {
      method: "PATCH",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ subtitle: "s" }),
    });
    assert.deepEqual(await response.json(), { name: "shelves/1/books/2", subtitle: "s" });
  });

  it("answers errors as Status", async () => {
    const response = await fetch(`${origin}/v1/books/0`);
    assert.deepEqual(
      [response.status, await response.json()],
      [404, { code: 5, message: "no such book" }],
    );
  });

  it("leaves out headers that HTTP cannot carry", async () => {
    for (const path of ["0", "1"]) {
      const { headers } = await fetch(`${origin}/v1/books/${path}`);
      assert.equal(headers.get("x-control") ?? headers.get("trailer-x-control"), null);
      assert.equal(headers.get("x-latin"), "\u00e9");
    }
  });

  it("goes on after requests with control characters in a header", async () => {
    const { port } = server.address() as AddressInfo;
    for (let code = 0; code < 256; code++) {
      const socket = connect(port, "127.0.0.1");
      const value = Buffer.of(0x61, code, 0x62);
      const head = Buffer.from("GET /v1/books/1 HTTP/1.1\r\nhost: a\r\nconnection: close\r\nx-a: ");
      socket.end(Buffer.concat([head, value, Buffer.from("\r\n\r\n")]));
      assert.match(await text(socket), /^HTTP\/1.1 (200|400) /, `${code}`);
    }
  });

  it("answers targets in absolute form, as proxies get them", async () => {
    for (const [target, status] of [
      [`${origin}/v1/books/1?readMask=name`, 200],
      ["http://other.example/v1/books/1", 200],
      ["HTTP://other.example/v1/books/0", 404],
      ["http://other.example", 404],
      ["http://other.example?x=/v1/books/1", 404],
    ] as const) {
      assert.equal(await statusOf(target), status, target);
    }
  });

  it("answers OPTIONS for the server in general", async () => {
    assert.equal(await statusOf("*", "OPTIONS"), 200);
    assert.equal(await statusOf("*", "GET"), 404);
  });

  /** fetch always sends the path alone. */
  async function statusOf(target: string, method = "GET"): Promise<number | undefined> {
    const { hostname, port } = new URL(origin);
    const sent = request({ hostname, port, path: target, method, agent: false }).end();
    const [response] = (await once(sent, "response")) as [IncomingMessage];
    response.resume();
    return response.statusCode;
  }

  it("answers HEAD without a body", async () => {
    const response = await fetch(`${origin}/v1/books/1`, { method: "HEAD" });
    assert.deepEqual([response.status, await response.text()], [200, ""]);
  });
});

describe("the README's streams", () => {
  const texts: Record<string, string[]> = {
    lost: ["Lost: a grey cat", "Found: a grey cat"],
    swaps: ["A kayak for a tent", "A tent for a kayak"],
  };
  const online = startNoteServer({
    async *watch({ board, after: last }) {
      for (const [i, text] of (texts[board] ?? []).entries()) {
        if (`c${i + 1}` > last) yield createNote(text, `c${i + 1}`);
      }
      if (board === "lost") throw new ConnectError("the board is gone", Code.NotFound);
    },
    pin: async (requests) => ({ count: (await Array.fromAsync(requests)).length }),
  });
  const examples = [...readme.matchAll(/```http\n(.*?)```\n\n```text\n(.*?)```/gs)];

  it("are four", () => assert.equal(examples.length, 4));

  for (const [, request = "", reply = ""] of examples) {
    const [head = "", body] = request.trim().split("\n\n");
    const [line = "", ...headers] = head.split("\n");
    it(`are answered as it says: ${line}`, async () => {
      const [method = "", path = ""] = line.split(" ");
      const response = await fetch(`${online.origin()}${path}`, {
        method,
        headers: headers.map((one) => one.split(": ") as [string, string]),
        body: body ?? null,
      });
      const told = reply.trim().split("…").map(RegExp.escape).join(".*");
      assert.match((await response.text()).trim(), new RegExp(`^${told}$`));
    });
  }
});
