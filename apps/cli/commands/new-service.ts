import { spawnSync } from "node:child_process";
import { existsSync, globSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { StartError } from "@plaza/kit/start-error";
import { lockWorkspace } from "../lock-workspace.ts";

const root = path.join(import.meta.dirname, "..", "..", "..");
const templates = path.join(import.meta.dirname, "..", "template");

/** `plaza new service <name>`: contract, handlers, migration and tests of a service that runs as it is. */
export async function run([what, name = ""]: string[]): Promise<void> {
  if (what !== "service") throw new StartError("Say: plaza new service <name>.");
  if (!/^[a-z]{3,20}$/.test(name)) {
    throw new StartError("A service's name is one noun of 3 to 20 letters a–z, like posts.");
  }
  if (existsSync(path.join(root, "services", name))) {
    throw new StartError(`There is a service "${name}" already.`);
  }
  for (const template of globSync("**/*.tmpl", { cwd: templates })) {
    const file = path.join(root, placeOf(template, name));
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, named(readFileSync(path.join(templates, template), "utf8"), name));
  }
  lockWorkspace(root, `services/${name}`);
  finish(process.execPath, path.join(root, "scripts", "generate.mjs"));
  // How a line breaks and what an import list looks like depends on the name.
  const biome = path.join(root, "node_modules", ".bin", "biome");
  finish(biome, "check", "--write", "--vcs-enabled=false", `services/${name}`);
  process.stdout.write(`services/${name} and proto/plaza/${name}/v1 are there.

  npm test -- services/${name}   runs its tests
  npm start                ${" ".repeat(name.length)}   runs it with the rest: POST /v1/${name}

Next: say in the .proto what ${name} are, and let the handlers follow.
`);
}

/** Where a template's file goes: contracts to proto/, the rest to the service's folder. */
function placeOf(template: string, name: string): string {
  const file = named(template.replace(/\.tmpl$/, ""), name);
  if (file === "contract.proto") return `proto/plaza/${name}/v1/${name}.proto`;
  if (file === "events.proto") return `proto/plaza/${name}/v1/events.proto`;
  return `services/${name}/${file}`;
}

/** The templates are about notes; a name that ends in "s" is taken as the plural of what it owns. */
function named(text: string, plural: string): string {
  const singular = plural.replace(/s$/, "");
  const capital = (word: string) => word.replace(/^./, (letter) => letter.toUpperCase());
  return text
    .replaceAll("notes", plural)
    .replaceAll("note", singular)
    .replaceAll("Note", capital(singular))
    .replaceAll("NOTE", singular.toUpperCase());
}

/** Runs a tool to its end. */
function finish(program: string, ...args: string[]): void {
  const { status, stderr } = spawnSync(program, args, { cwd: root, encoding: "utf8" });
  if (status !== 0) throw new Error(`${path.basename(program)} failed:\n${stderr}`);
}
