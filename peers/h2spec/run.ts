// h2spec against a server of @plaza/grpc and against the gateway: `node run.ts <folder of the build>`.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import type { HeaderFields, Http2Stream } from "@plaza/grpc/http2";
import { createServer } from "@plaza/grpc/server";
import { startPlaza } from "../../test/base/running-plaza.ts";

const [folder] = process.argv.slice(2);

const dependsOnItself = "priorities are given up (RFC 9113, 5.3.2), and such frames ignored";

/** The cases that are left out of each target, by their numbers in h2spec, each with the reason. */
const leftOut: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  "@plaza/grpc": {
    "http2/5.3.1/1": dependsOnItself,
    "http2/5.3.1/2": dependsOnItself,
  },
  gateway: {
    "http2/3.5/2":
      "what does not begin with the preface of HTTP/2 is HTTP/1.1 there, and gets its 400",
    "http2/5.3.1/1": dependsOnItself,
    "http2/5.3.1/2": dependsOnItself,
  },
};

// h2spec requests pages: they are answered as a server of pages does, once the request has ended.
const server = createServer({ routes: () => {}, fallback: answer });
await server.listen({ port: 0 });
await check("@plaza/grpc", server.port);
await server.close({ graceMs: 0 });

const plaza = await startPlaza();
try {
  await check("gateway", Number(new URL(plaza.url).port));
} finally {
  await plaza.stop();
}

function answer(stream: Http2Stream, _fields: HeaderFields, isEnd: boolean): void {
  const respond = () => {
    stream.sendHeaders([":status", "200", "content-length", "5"]);
    stream.sendData(new Uint8Array(), Buffer.from("hello"), true);
  };
  stream.listener = {
    onHeaders: respond,
    onData(bytes, isLast) {
      stream.consume(bytes.length);
      if (isLast) respond();
    },
    onAbort() {},
    onDrain() {},
  };
  if (isEnd) respond();
}

async function check(target: string, port: number): Promise<void> {
  const failed = failedCases(await runH2spec(port));
  const reasons = leftOut[target] ?? {};
  const unexpected = failed.cases.filter(({ id }) => reasons[id] === undefined);
  const passing = Object.keys(reasons).filter((id) => !failed.cases.some((one) => one.id === id));
  for (const { id, title } of unexpected) console.log(`failed, ${target}: ${id} ${title}`);
  for (const [id, reason] of Object.entries(reasons))
    console.log(`left out, ${target}: ${id}: ${reason}`);
  for (const id of passing) console.log(`passes and is left out, ${target}: ${id}`);
  if (unexpected.length > 0 || passing.length > 0 || failed.total === 0) process.exitCode = 1;
  const left = failed.cases.length - unexpected.length;
  console.log(
    `h2spec against ${target}: ${failed.total - failed.cases.length} of ${failed.total} cases pass, ${left} left out`,
  );
}

type Case = { readonly id: string; readonly title: string };

/** Runs all cases. Resolves with h2spec's report, which is JUnit's. */
async function runH2spec(port: number): Promise<string> {
  const scratch = mkdtempSync(path.join(tmpdir(), "plaza-h2spec-"));
  const report = path.join(scratch, "report.xml");
  try {
    const args = ["--host=127.0.0.1", `--port=${port}`, "--timeout=2", `--junit-report=${report}`];
    const child = spawn(`${folder}/h2spec`, args, { stdio: ["ignore", "ignore", "inherit"] });
    await once(child, "exit");
    return readFileSync(report, "utf8");
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

/** A case is named by its section and its place in it, as h2spec takes it on its command line. */
function failedCases(report: string): { readonly total: number; readonly cases: Case[] } {
  const cases: Case[] = [];
  const places = new Map<string, number>();
  let total = 0;
  for (const [, section = "", title = "", body = ""] of report.matchAll(
    /<testcase package="([^"]*)" classname="([^"]*)"[^>]*>([\s\S]*?)<\/testcase>/g,
  )) {
    const place = (places.get(section) ?? 0) + 1;
    places.set(section, place);
    total += 1;
    if (/<(failure|error)\b/.test(body)) cases.push({ id: `${section}/${place}`, title });
  }
  return { total, cases };
}
