#!/usr/bin/env node
// `plaza …` from a checkout: sets up what is missing, then becomes the CLI on the pinned Node.
import { spawn } from "node:child_process";
import path from "node:path";
import { env, node, root, setUp } from "./setup.mjs";

try {
  setUp();
} catch (error) {
  process.stderr.write(`plaza: ${error.message}\n`);
  process.exit(1);
}

const cli = path.join(root, "apps", "cli", "main.ts");
const args = ["--disable-warning=ExperimentalWarning", cli, ...process.argv.slice(2)];
const cache = { NODE_COMPILE_CACHE: path.join(root, "node_modules", ".cache", "plaza") };

if (typeof process.execve === "function") {
  // The same process goes on as the CLI, so that signals and the exit code need no relaying.
  process.execve(node, [node, ...args], { ...env, ...cache });
}
const child = spawn(node, args, { stdio: "inherit", env: { ...env, ...cache } });
// A terminal signals the whole group; the child decides when it is done.
process.on("SIGINT", () => undefined);
process.on("SIGTERM", () => child.kill("SIGTERM"));
child.on("exit", (code, signal) => process.exit(signal ? 1 : (code ?? 1)));
