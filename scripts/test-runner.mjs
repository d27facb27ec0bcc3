// Runs the test files below the paths given, or all, several at a time; reports each test, and at the end the
// files that took longest. Started by test.mjs on the pinned Node.
import { spawnSync } from "node:child_process";
import { chmodSync, existsSync, globSync, mkdtempSync, rmSync, statfsSync } from "node:fs";
import { freemem, tmpdir } from "node:os";
import path from "node:path";
import { run } from "node:test";
import { spec } from "node:test/reporters";
import { root } from "./setup.mjs";

/** Two files leave two cores half idle while they wait for processes, clocks and pages; four keep both busy. */
const concurrency = 3;
const slowestShown = 10;
const sharedMemory = "/dev/shm";
const minFreeBytes = 4 * 2 ** 30;
const databaseUsers = /^(apps|services|packages\/kit)\//;

const places = process.argv.slice(2);
const files = globSync("{packages,services,apps,test,bench,chaos}/**/*.test.ts", {
  cwd: root,
  exclude: (name) => name === "node_modules" || name === "dist",
}).filter((file) => places.length === 0 || places.some((place) => file.startsWith(place)));

if (files.length === 0) {
  process.stderr.write(`no tests found in ${places.join(", ")}\n`);
  process.exit(1);
}

/** What is to be released when the tests have ended. */
const cleanup = [];
if (files.some((file) => file.startsWith("test/"))) await makeDataFolder();
if (files.some((file) => databaseUsers.test(file))) await holdTestPostgres();

const durations = [];
const events = run({ files: files.sort(journeysFirst), concurrency, cwd: root });
events.on("test:fail", ({ todo }) => {
  if (todo === undefined || todo === false) process.exitCode = 1;
});
events.on("test:summary", ({ file, duration_ms: ms }) => {
  if (file) durations.push({ file: file.replace(`${root}/`, ""), seconds: ms / 1_000 });
});
events.on("end", async () => {
  process.once("beforeExit", printSlowest);
  for (const release of cleanup) await release();
});
events.compose(spec).pipe(process.stdout);

/** Journeys through the whole product take longest; begun first, they leave no core idle at the end. */
function journeysFirst(a, b) {
  return Number(b.startsWith("test/")) - Number(a.startsWith("test/")) || a.localeCompare(b);
}

/**
 * Makes the folder in which the tests of the running product have their data (test/base/data-dir.ts), and in it
 * `seeded`, which they copy, together with its databases on an external server: a first start takes seconds, most
 * of them for initdb, migrations and the passwords of the demo accounts. The folder is in memory where there is
 * room, since each of the two dozen Plazas writes some 150 MB. The tests kill processes, never the system, so that
 * they cannot see the difference.
 */
async function makeDataFolder() {
  const folder = mkdtempSync(path.join(hasRoom(sharedMemory) ? sharedMemory : tmpdir(), "plaza-"));
  chmodSync(folder, 0o711); // PostgreSQL runs as another user when we are root.
  process.once("exit", () => rmSync(folder, { recursive: true, force: true }));
  for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, () => process.exit(1));
  process.env.PLAZA_TEST_DATA = folder;
  const { dataDirEnv, removeDataDir } = await import("../test/base/data-dir.ts");
  const seeded = path.join(folder, "seeded");
  cleanup.push(() => removeDataDir(seeded));
  const env = { ...process.env, ...(await dataDirEnv(seeded)) };
  const cli = path.join(root, "apps", "cli", "main.ts");
  const { status, stderr } = spawnSync(process.execPath, [cli, "seed"], { env, encoding: "utf8" });
  if (status !== 0) process.stderr.write(`cannot create the data folder for the tests:\n${stderr}`);
}

/** Keeps the server for test databases up, which would stop and start again with the files that need it. */
async function holdTestPostgres() {
  const { acquireTestPostgres } = await import("../packages/kit/testing/postgres-server.ts");
  const { release } = await acquireTestPostgres();
  cleanup.push(release);
}

function hasRoom(place) {
  if (!existsSync(place)) return false;
  const { bavail, bsize } = statfsSync(place);
  return bavail * bsize >= minFreeBytes && freemem() >= minFreeBytes;
}

function printSlowest() {
  const slowest = durations.sort((a, b) => b.seconds - a.seconds).slice(0, slowestShown);
  const total = durations.reduce((sum, { seconds }) => sum + seconds, 0);
  process.stdout.write(`\nslowest of ${durations.length} files, ${total.toFixed(0)} s in total:\n`);
  for (const { file, seconds } of slowest) {
    process.stdout.write(`${seconds.toFixed(1).padStart(7)} s  ${file}\n`);
  }
}
