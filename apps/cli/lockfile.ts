import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";

type Manifest = { readonly name: string; readonly version: string; readonly license: string };

type Lockfile = { packages: Record<string, object> };

/**
 * Adds a workspace to package-lock.json, as `npm install` does; without its entry `npm ci` fails, and with it
 * the start of a fresh clone.
 */
export function addWorkspaceToLockfile(root: string, folder: string): void {
  const file = path.join(root, "package-lock.json");
  const lock = JSON.parse(readFileSync(file, "utf8")) as Lockfile;
  const manifest = readFileSync(path.join(root, folder, "package.json"), "utf8");
  const { name, version, license } = JSON.parse(manifest) as Manifest;
  const packages = {
    ...lock.packages,
    [folder]: { name, version, license },
    [`node_modules/${name}`]: { resolved: folder, link: true },
  };
  const sorted = Object.entries(packages).sort(([a], [b]) => a.localeCompare(b, "en"));
  const text = JSON.stringify({ ...lock, packages: Object.fromEntries(sorted) }, undefined, 2);
  writeFileSync(file, `${text}\n`);
}
