import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, it } from "node:test";
import { prepareCluster, removeSocketDir } from "./database-cluster.ts";
import { isAcceptingConnections, launchServer, stopServer } from "./server-process.ts";

const folder = mkdtempSync(path.join(tmpdir(), "plaza-server-process-"));
chmodSync(folder, 0o711); // PostgreSQL runs as another user when we are root.
after(() => rmSync(folder, { recursive: true, force: true }));

// Process ids wrap around, so that a child may have a lower one than the server.
it("a child that still has the server's command line is not taken for the server", async () => {
  const cluster = await prepareCluster(path.join(folder, "postgres"));
  const argv0 = `postgres -D ${cluster.dataDir} -c cluster_name=${cluster.name}`;
  const child = spawn("sleep", ["60"], { argv0 });
  const exited = once(child, "exit");
  const server = await launchServer(cluster);
  try {
    assert.ok((child.pid ?? 0) < (server.pid ?? 0));
    assert.ok(await isAcceptingConnections(cluster));
  } finally {
    await stopServer(cluster);
    removeSocketDir(cluster);
  }
  assert.ok(!(await isAcceptingConnections(cluster)));
  await exited;
});
