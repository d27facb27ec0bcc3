// Builds, packs and installs a package as its users get it, and installs the versions of Node.js it runs on.
import { execFile } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import path from "node:path";
import { promisify } from "node:util";

const execute = promisify(execFile);
const root = path.join(import.meta.dirname, "..", "..");
const cache = path.join(process.env.XDG_CACHE_HOME || path.join(homedir(), ".cache"), "plaza");
const npmOptions = ["--prefer-offline", "--no-audit", "--no-fund", "--fetch-retries=1"];
const unreachableCodes =
  /\b(ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|EHOSTUNREACH|ENOTCACHED)\b/;

export class RegistryUnreachableError extends Error {
  constructor() {
    super(`needs the npm registry once: \`npm test -- test/packages\` online fills ${cache}`);
  }
}

/** A package in an empty project, with its peers. */
export type InstalledPackage = {
  readonly name: string;
  readonly project: string;
  /** The files of the tarball. */
  readonly files: readonly string[];
  readonly manifest: { readonly exports: Record<string, unknown> };
};

/** The Node.js of a major version: the pinned one, or one that is installed to the cache. */
export async function installNode(version: string): Promise<string> {
  const pinned = path.join(root, "node_modules", "node", "bin", "node");
  if (rootVersions().node?.startsWith(`${version}.`)) return pinned;
  const folder = path.join(cache, `node-${version}`);
  const binary = path.join(folder, "node_modules", "node", "bin", "node");
  if (existsSync(binary)) return binary;
  createProject(folder, { allowScripts: { node: true } });
  await npm(folder, "install", ...npmOptions, `node@${version}`);
  return binary;
}

/** Builds the packages that are published into folders below `folder`; `installPackage` packs them. */
export async function buildPackages(folder: string): Promise<void> {
  const script = path.join(root, "scripts", "build-packages.mjs");
  await execute(process.execPath, [script, path.join(folder, "build")]);
}

/** Packs a package that was built, and installs the tarball below `folder`. */
export async function installPackage(name: string, folder: string): Promise<InstalledPackage> {
  const build = path.join(folder, "build", name);
  const packed = await npm(build, "pack", "--json", "--pack-destination", folder);
  const [{ filename, files }] = JSON.parse(packed) as [
    { filename: string; files: { path: string }[] },
  ];
  const project = path.join(folder, name);
  createProject(project, {});
  const versions = rootVersions();
  const peers = ["@bufbuild/protobuf", "@connectrpc/connect", "@types/node"].map(
    (peer) => `${peer}@${versions[peer]}`,
  );
  const tarball = path.join(folder, filename);
  await npm(project, "install", ...npmOptions, "--ignore-scripts", tarball, ...peers);
  const manifest = JSON.parse(
    readFileSync(path.join(project, "node_modules", "@plaza", name, "package.json"), "utf8"),
  );
  return { name: `@plaza/${name}`, project, files: files.map((file) => file.path), manifest };
}

/** Runs Node.js in a project, and returns what it prints. */
export async function runScript(node: string, project: string, ...args: string[]): Promise<string> {
  const { stdout } = await execute(node, args, { cwd: project, timeout: 30_000 });
  return stdout;
}

function createProject(folder: string, more: object): void {
  mkdirSync(folder, { recursive: true });
  const manifest = JSON.stringify({ private: true, type: "module", ...more });
  writeFileSync(path.join(folder, "package.json"), manifest);
}

/** The versions that the repository pins. */
function rootVersions(): Record<string, string> {
  const manifest = JSON.parse(readFileSync(path.join(root, "package.json"), "utf8"));
  return { ...manifest.dependencies, ...manifest.devDependencies };
}

async function npm(cwd: string, ...args: string[]): Promise<string> {
  // Without the settings that `npm test` passes to what it runs, which name this repository.
  const env = Object.fromEntries(
    Object.entries(process.env).filter(([key]) => !/^npm_/i.test(key) || /registry/i.test(key)),
  );
  try {
    const { stdout } = await execute("npm", args, { cwd, env });
    return stdout;
  } catch (error) {
    const { stderr = "" } = error as { stderr?: string };
    throw unreachableCodes.test(stderr) ? new RegistryUnreachableError() : error;
  }
}
