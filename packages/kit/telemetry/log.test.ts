import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { createLogger, createStreamLogger, flushLogger } from "./log.ts";

type Line = Record<string, unknown> & {
  err: { message: string; stack: string[]; code?: string; cause?: Line["err"] };
};

function logged(write: (log: ReturnType<typeof createStreamLogger>) => void): Line[] {
  const lines: Line[] = [];
  write(createStreamLogger({ write: (line) => void lines.push(JSON.parse(line)) }, "trace"));
  return lines;
}

describe("createStreamLogger", () => {
  it("writes one JSON object per line, with level, time, message and nothing of the machine", () => {
    const [line] = logged((log) => log.info({ method: "m" }, "call"));
    assert.deepEqual(Object.keys(line ?? {}), ["level", "time", "method", "msg"]);
    assert.equal(line?.["level"], 30);
    assert.match(String(line["time"]), /^\d{4}-\d\d-\d\dT[\d:.]+Z$/);
  });

  it("omits lines below its level", () => {
    const lines: string[] = [];
    const log = createStreamLogger({ write: (line) => void lines.push(line) }, "warn");
    log.info("no");
    log.warn("yes");
    assert.equal(lines.length, 1);
  });

  it("logs message, code, stack and causes of an error, and no other properties", () => {
    const cause = Object.assign(new Error("inner"), { code: "ECONNREFUSED" });
    const err = Object.assign(new TypeError("outer", { cause }), {
      detail: "canary",
      row: ["canary"],
    });
    const [line] = logged((log) => log.error({ err }, "failed"));
    assert.equal(line?.err.message, "outer");
    assert.equal(line.err.cause?.code, "ECONNREFUSED");
    assert.match(line.err.stack.join(), /log\.test\.ts/);
    assert.doesNotMatch(JSON.stringify(line), /canary/);
  });

  it("does not log the value that PostgreSQL refused, which message and detail quote", () => {
    const err = Object.assign(new Error('invalid input syntax for type uuid: "canary"'), {
      name: "PostgresError",
      code: "22P02",
      detail: "canary",
    });
    const [line] = logged((log) => log.error({ err: new Error("failed", { cause: err }) }));
    assert.equal(line?.err.cause?.code, "22P02");
    assert.doesNotMatch(JSON.stringify(line), /canary/);
  });

  it("logs values that are no errors, and an error that is its own cause", () => {
    const looped = new Error("again");
    looped.cause = looped;
    const lines = logged((log) => {
      for (const err of ["a text", undefined, null, 7, looped]) log.error({ err }, "failed");
    });
    assert.equal(lines.length, 5);
    assert.equal(lines[0]?.err.message, "a text");
  });
});

describe("createLogger", () => {
  const folder = mkdtempSync(path.join(tmpdir(), "plaza-log-"));
  after(() => rmSync(folder, { recursive: true }));

  it("appends to a file, and creates its folder", async () => {
    const file = path.join(folder, "deeper", "plaza.log");
    for (const name of ["first", "second"]) {
      const log = createLogger({ file });
      log.info(name);
      await flushLogger(log);
    }
    const lines = readFileSync(file, "utf8").trim().split("\n");
    assert.deepEqual(
      lines.map((line) => (JSON.parse(line) as { msg: string }).msg),
      ["first", "second"],
    );
  });

  it("flushes a few lines within about a second", async () => {
    const file = path.join(folder, "quiet.log");
    writeFileSync(file, "");
    createLogger({ file }).info("a whisper");
    for (let n = 0; n < 300 && readFileSync(file, "utf8") === ""; n += 1) await sleep(20);
    assert.match(readFileSync(file, "utf8"), /a whisper/);
  });
});
