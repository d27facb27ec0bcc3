// Brings a checkout into a runnable state: installs what package-lock.json names, generates code from
// proto/, builds the web app. Each step is skipped when nothing that it depends on has changed. Runs
// on Node 20 and above, because it is what fetches the Node that everything else runs on.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";

export const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "..");
const bin = path.join(root, "node_modules", ".bin");

/** The Node that Plaza runs on, pinned in package.json. */
export const node = path.join(root, "node_modules", "node", "bin", "node");

/** The environment in which `node` and the tools of node_modules/.bin are the pinned ones. */
export const env = { ...process.env, PATH: `${bin}${path.delimiter}${process.env.PATH}` };

const steps = [
  {
    description: "generating code from proto/",
    inputs: [
      "proto/plaza",
      "packages/grpc/proto",
      "packages/grpc/testdata",
      "packages/rest/proto",
      "buf.yaml",
      "buf.gen.yaml",
      "scripts/generate.mjs",
      "package-lock.json",
    ],
    stamp: "packages/contract/gen/.plaza-stamp",
    run: () => execute(node, "scripts/generate.mjs"),
  },
  {
    description: "compiling the texts of the site",
    inputs: ["apps/web/messages", "apps/web/compile-messages.ts", "package-lock.json"],
    stamp: "apps/web/gen/.plaza-stamp",
    run: () => execute(node, "apps/web/compile-messages.ts"),
  },
  {
    description: "building the web app",
    inputs: ["apps/web", "proto/plaza", "package-lock.json"],
    stamp: "apps/web/dist/.plaza-stamp",
    run: () =>
      execute(
        node,
        "node_modules/vite/bin/vite.js",
        "build",
        "apps/web",
        "--app",
        "--logLevel=warn",
      ),
  },
];

/** Installs, generates and builds what is missing or out of date. Throws with the output of what fails. */
export function setUp() {
  if (!isInstalled()) {
    process.stderr.write("plaza: installing packages…\n");
    npm("ci", "--loglevel=error");
  }
  for (const { description, inputs, stamp, run } of steps) {
    const file = path.join(root, stamp);
    const inputsDigest = digest(inputs);
    if (existsSync(file) && readFileSync(file, "utf8") === inputsDigest) continue;
    process.stderr.write(`plaza: ${description}…\n`);
    rmSync(file, { force: true });
    run();
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, inputsDigest);
  }
}

/**
 * Whether node_modules holds what package-lock.json names, whoever installed it: npm leaves a lock file of
 * what it installed there. It lacks optional packages of other platforms and the root.
 */
function isInstalled() {
  const installed = packagesOf("node_modules/.package-lock.json");
  if (!installed) return false;
  return Object.entries(packagesOf("package-lock.json")).every(([place, locked]) => {
    const found = installed[place];
    if (!found) return place === "" || locked.optional === true;
    return found.version === locked.version && found.integrity === locked.integrity;
  });
}

function packagesOf(lockFile) {
  const file = path.join(root, lockFile);
  return existsSync(file) ? JSON.parse(readFileSync(file, "utf8")).packages : undefined;
}

function npm(...args) {
  const script = process.env.npm_execpath;
  if (script?.endsWith(".js")) execute(process.execPath, script, ...args);
  else execute("npm", ...args);
}

function execute(command, ...args) {
  const { error, status, stdout, stderr } = spawnSync(command, args, {
    cwd: root,
    env,
    encoding: "utf8",
  });
  if (error) throw error;
  if (status !== 0) throw new Error(`${command} ${args.join(" ")} failed:\n${stdout}${stderr}`);
}

/** Changes whenever a file at or below one of the places does. */
function digest(places) {
  const hash = createHash("sha256");
  for (const file of places.flatMap((place) => filesAt(place)).sort()) {
    hash.update(file).update(readFileSync(path.join(root, file)));
  }
  return hash.digest("hex");
}

function filesAt(place) {
  const stats = statSync(path.join(root, place), { throwIfNoEntry: false });
  if (!stats) return [];
  if (!stats.isDirectory()) return [place];
  return readdirSync(path.join(root, place))
    .filter((name) => !["node_modules", "dist", "gen"].includes(name))
    .flatMap((name) => filesAt(path.posix.join(place, name)));
}
