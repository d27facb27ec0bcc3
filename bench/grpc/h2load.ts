import { spawn } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import path from "node:path";
import { text } from "node:stream/consumers";
import { create, toBinary } from "@bufbuild/protobuf";
import { GetPostRequestSchema } from "@plaza/contract/posts/v1/posts";
import type { Scope } from "../base/scope.ts";

/** A shorter run may end before its first response. */
const minDurationMs = 500;

/** Returns how to measure unary calls a second with h2load: 8 connections of 16 streams, on one core. */
export function createH2load(
  scope: Scope,
  { cores, seconds }: { readonly cores: string; readonly seconds: number },
): (port: number) => Promise<number> {
  const body = path.join(scope.makeFolder(), "request.bin");
  const request = create(GetPostRequestSchema, { id: "1" });
  writeFileSync(body, envelope(toBinary(GetPostRequestSchema, request)));
  const duration = `-D${Math.max(minDurationMs, seconds * 1_000)}ms`;
  const headers = ["-H", "content-type: application/grpc", "-H", "te: trailers"];
  return async (port) => {
    const url = `http://127.0.0.1:${port}/plaza.posts.v1.PostService/GetPost`;
    const load = ["h2load", "-c8", "-m16", duration, "-d", body, ...headers, url];
    const child = spawn("taskset", ["-c", cores, ...load], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    const [printed] = await Promise.all([text(child.stdout), once(child, "close")]);
    return readRate(printed);
  };
}

function readRate(printed: string): number {
  const [, rate] = /finished in .*?, ([\d.]+) req\/s/.exec(printed) ?? [];
  const [, failed] = /, (\d+) failed/.exec(printed) ?? [];
  const hasErrors = failed !== "0" || / [1-9]\d* [345]xx/.test(printed);
  if (!Number(rate) || hasErrors) throw new Error(`h2load failed:\n${printed}`);
  return Number(rate);
}

/** A length-prefixed message. */
function envelope(message: Uint8Array): Buffer {
  const prefix = Buffer.alloc(5);
  prefix.writeUInt32BE(message.length, 1);
  return Buffer.concat([prefix, message]);
}
