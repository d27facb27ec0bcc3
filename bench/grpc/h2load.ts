import { spawn } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import path from "node:path";
import { text } from "node:stream/consumers";
import { create, toBinary } from "@bufbuild/protobuf";
import { GetPostRequestSchema } from "@plaza/contract/posts/v1/posts";
import type { Scope } from "../base/scope.ts";

/** A run that ends before its first response, on a busy machine, is repeated with twice the duration. */
const minDurationMs = 200;
const maxDurationMs = 60_000;

/** Returns how to measure unary calls a second with h2load: 8 connections of 16 streams, on one core. */
export function createH2load(
  scope: Scope,
  { cores, seconds }: { readonly cores: string; readonly seconds: number },
): (port: number) => Promise<number> {
  const body = path.join(scope.makeFolder(), "request.bin");
  const request = create(GetPostRequestSchema, { id: "1" });
  writeFileSync(body, envelope(toBinary(GetPostRequestSchema, request)));
  const headers = ["-H", "content-type: application/grpc", "-H", "te: trailers"];
  return async (port) => {
    const url = `http://127.0.0.1:${port}/plaza.posts.v1.PostService/GetPost`;
    const args = ["-c8", "-m16", "-d", body, ...headers, url];
    let rate = 0;
    let ms = Math.max(minDurationMs, seconds * 1_000);
    for (; rate === 0 && ms < maxDurationMs; ms *= 2) {
      rate = readRate(await runH2load(cores, [`-D${ms}ms`, ...args]));
    }
    if (rate === 0) throw new Error(`${url} does not respond`);
    return rate;
  };
}

async function runH2load(cores: string, args: readonly string[]): Promise<string> {
  const child = spawn("taskset", ["-c", cores, "h2load", ...args], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const [printed] = await Promise.all([text(child.stdout), once(child, "close")]);
  return printed;
}

function readRate(printed: string): number {
  const [, rate] = /finished in .*?, ([\d.]+) req\/s/.exec(printed) ?? [];
  const [, failed] = /, (\d+) failed/.exec(printed) ?? [];
  const hasErrors = failed !== "0" || / [1-9]\d* [345]xx/.test(printed);
  if (rate === undefined || hasErrors) throw new Error(`h2load failed:\n${printed}`);
  return Number(rate);
}

/** A length-prefixed message. */
function envelope(message: Uint8Array): Buffer {
  const prefix = Buffer.alloc(5);
  prefix.writeUInt32BE(message.length, 1);
  return Buffer.concat([prefix, message]);
}
