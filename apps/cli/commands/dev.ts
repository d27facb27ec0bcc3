import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { watch } from "node:fs";
import path from "node:path";
import { readConfig } from "@plaza/kit/config";
import { CleanupStack, onShutdownSignal } from "../cleanup-stack.ts";
import { openDatabases } from "../databases.ts";
import { serviceNames } from "../services.ts";

const root = path.join(import.meta.dirname, "..", "..", "..");
const main = path.join(import.meta.dirname, "..", "main.ts");
const vite = path.join(root, "node_modules", "vite", "bin", "vite.js");

/**
 * `plaza dev`: serves the site with Vite, which replaces modules when they change, in front of the servers,
 * which Node restarts when one of their files changes. The database keeps running.
 */
export async function run(): Promise<void> {
  const config = readConfig(process.env);
  const cleanup = new CleanupStack();
  onShutdownSignal(() => cleanup.run());
  const databases = await openDatabases(config, serviceNames());
  cleanup.defer(() => databases.close());

  const serverPort = config.PLAZA_PORT + 1;
  const env = await Promise.all(serviceNames().map((service) => databases.environment(service)));
  const server = spawn(process.execPath, ["--watch", "--watch-preserve-output", main, "start"], {
    stdio: "inherit",
    env: {
      ...process.env,
      ...Object.assign({}, ...env),
      PLAZA_PORT: String(serverPort),
      PLAZA_PUBLIC_URL: `http://localhost:${config.PLAZA_PORT}`,
    },
  });
  cleanup.defer(() => terminate(server));

  const contracts = watch(path.join(root, "proto", "plaza"), { recursive: true }, () => {
    spawnSync(process.execPath, [path.join(root, "scripts", "generate.mjs")], { stdio: "inherit" });
  });
  cleanup.defer(async () => contracts.close());

  const site = spawn(
    process.execPath,
    [vite, path.join(root, "apps", "web"), "--port", String(config.PLAZA_PORT), "--strictPort"],
    {
      stdio: "inherit",
      env: { ...process.env, PLAZA_SERVER: `http://localhost:${serverPort}` },
    },
  );
  cleanup.defer(() => terminate(site));
}

function terminate(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    child.once("exit", () => resolve());
    if (!child.kill("SIGTERM")) resolve();
  });
}
