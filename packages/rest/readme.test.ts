import assert from "node:assert/strict";
import { once } from "node:events";
import { readdirSync, readFileSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { after, before, describe, it } from "node:test";
import { Code, ConnectError, createRouterTransport } from "@connectrpc/connect";
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
      getBook: ({ name }: { name: string }) => {
        if (name === "0") throw new ConnectError("no such book", Code.NotFound);
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
