import { spawnSync } from "node:child_process";
import { existsSync, globSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { OperatorError } from "@plaza/kit/errors/operator-error";
import { addWorkspaceToLockfile } from "../lockfile.ts";

const root = path.join(import.meta.dirname, "..", "..", "..");
const templates = path.join(import.meta.dirname, "..", "template");

/**
 * `plaza new service <name> [thing]`: contract, handlers, migration and tests of a service that runs as it
 * is. A service that is not called after what it owns, like a shop of products, is told what that is.
 */
export async function run([what, name = "", thing]: string[]): Promise<void> {
  if (what !== "service") throw new OperatorError("Say: plaza new service <name> [thing].");
  const words: TemplateWords = { name, resource: thing ?? name.replace(/s$/, "") };
  if (![words.name, words.resource].every((word) => /^[a-z]{3,20}$/.test(word))) {
    throw new OperatorError(
      "A service's name, and what it owns one of, is a noun of 3 to 20 letters a–z, like posts.",
    );
  }
  if (existsSync(path.join(root, "services", name))) {
    throw new OperatorError(`There is a service "${name}" already.`);
  }
  for (const template of globSync("**/*.tmpl", { cwd: templates })) {
    const file = path.join(root, targetPath(template, words));
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(
      file,
      renderTemplate(readFileSync(path.join(templates, template), "utf8"), words),
    );
  }
  addWorkspaceToLockfile(root, `services/${name}`);
  runTool(process.execPath, path.join(root, "scripts", "generate.mjs"));
  // How a line breaks and what an import list looks like depends on the name.
  const biome = path.join(root, "node_modules", ".bin", "biome");
  runTool(biome, "check", "--write", "--vcs-enabled=false", `services/${name}`);
  process.stdout.write(renderTemplate(nextSteps, words));
}

const nextSteps = `services/board and proto/plaza/board/v1 are there. npm start runs it with the rest, at /v1/notes;
npm test -- services/board runs its tests.

Next: say in the .proto what a note is, and let the handlers follow. The tests of the whole, in test/, ask
of every method how to call it: base/access-cases.ts and openapi-conformance.test.ts.
`;

/** What a service is called, and what it owns one of. */
type TemplateWords = { readonly name: string; readonly resource: string };

/** Where a template's file goes: contracts to proto/, the rest to the service's folder. */
function targetPath(template: string, words: TemplateWords): string {
  const { name } = words;
  const file = renderTemplate(template.replace(/\.tmpl$/, ""), words);
  if (file === "contract.proto") return `proto/plaza/${name}/v1/${name}.proto`;
  if (file === "events.proto") return `proto/plaza/${name}/v1/events.proto`;
  return `services/${name}/${file}`;
}

/** The templates are about a board of notes. */
function renderTemplate(text: string, { name, resource }: TemplateWords): string {
  const words: Record<string, string> = {
    board: name,
    notes: `${resource}s`,
    note: resource,
    Note: resource.replace(/^./, (letter) => letter.toUpperCase()),
    NOTE: resource.toUpperCase(),
  };
  return text.replace(/board|notes|note|Note|NOTE/g, (word) => words[word] ?? word);
}

/** Runs a tool to its end. */
function runTool(program: string, ...args: string[]): void {
  const { status, stderr } = spawnSync(program, args, { cwd: root, encoding: "utf8" });
  if (status !== 0) throw new Error(`${path.basename(program)} failed:\n${stderr}`);
}
