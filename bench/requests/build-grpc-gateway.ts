import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import path from "node:path";
import { isInstalled } from "../base/required-programs.ts";
import type { Scope } from "../base/scope.ts";

const sourceFolder = path.join(import.meta.dirname, "grpc-gateway");

/**
 * Builds the grpc-gateway server, once for each version of its source, into a cache outside the tree, and returns
 * its path. Without Go, and in a smoke run, which has no time for it, only a build that is there is taken;
 * otherwise it says so and returns undefined. Rejects when the build fails.
 */
export async function buildGrpcGateway(
  scope: Scope,
  { smoke }: { readonly smoke: boolean },
): Promise<string | undefined> {
  const caches = process.env["XDG_CACHE_HOME"] || path.join(homedir(), ".cache");
  const folder = path.join(caches, "plaza", "bench", `grpc-gateway-${sourceVersion()}`);
  const program = path.join(folder, "server");
  const marker = path.join(folder, ".built");
  if (existsSync(marker)) return program;
  if (smoke || !isInstalled("go")) {
    const reason = smoke ? "it is not built, which a full run does" : "go is not installed";
    console.log(`grpc-gateway is left out: ${reason}`);
    return undefined;
  }
  console.log("building grpc-gateway, which takes minutes and is kept");
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  await run(scope, path.join(sourceFolder, "build"), folder);
  writeFileSync(marker, "");
  return program;
}

function sourceVersion(): string {
  const hash = createHash("sha256");
  const entries = readdirSync(sourceFolder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile());
  for (const file of files.map(({ parentPath, name }) => path.join(parentPath, name)).sort()) {
    hash.update(path.relative(sourceFolder, file)).update(readFileSync(file));
  }
  return hash.digest("hex").slice(0, 12);
}

async function run(scope: Scope, program: string, argument: string): Promise<void> {
  // A process group of its own, so that the end of the scope reaches the compilers too.
  const child = spawn(program, [argument], { stdio: ["ignore", 2, 2], detached: true });
  const isRunning = () => child.exitCode === null && child.signalCode === null;
  scope.defer(() => isRunning() && child.pid && process.kill(-child.pid, "SIGKILL"));
  const [code] = await once(child, "exit");
  if (code !== 0) throw new Error(`${program} failed`);
}
