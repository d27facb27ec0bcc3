import { spawnSync } from "node:child_process";
import { existsSync, globSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { OperatorError } from "@plaza/kit/errors/operator-error";
import { addWorkspaceToLockfile } from "../lockfile.ts";

const root = path.join(import.meta.dirname, "..", "..", "..");
const templates = path.join(import.meta.dirname, "..", "template");

/**
 * `plaza new service <name> [resource]`: creates contract, handlers, migration and tests of a service that runs at
 * once. `resource` is for a service that is not named after it, like a shop of products.
 */
export async function run([
  what,
  name = "",
  resource = name.replace(/s$/, ""),
]: string[]): Promise<void> {
  if (what !== "service")
    throw new OperatorError("Wrong arguments; usage: plaza new service <name> [resource].");
  const words: TemplateWords = { name, resource };
  if (![words.name, words.resource].every((word) => /^[a-z]{3,20}$/.test(word))) {
    throw new OperatorError(
      "The names of a service and of its resource must have 3 to 20 letters a–z, such as posts and post.",
    );
  }
  if (existsSync(path.join(root, "services", name))) {
    throw new OperatorError(`The service "${name}" already exists.`);
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
  // Line breaks and import order depend on the names.
  const biome = path.join(root, "node_modules", ".bin", "biome");
  runTool(biome, "check", "--write", "--vcs-enabled=false", `services/${name}`);
  process.stdout.write(renderTemplate(nextSteps, words));
}

const nextSteps = `Created services/board and proto/plaza/board/v1. To run it with the others, at /v1/notes:

  npm start

To run its tests:

  npm test -- services/board

Next, describe a note in the .proto and adapt the handlers. Then tell the end-to-end tests how to call each
method: test/base/access-cases.ts, test/base/list-cases.ts and test/openapi-conformance.test.ts.
`;

/** The name of the service, and its resource in the singular. */
type TemplateWords = { readonly name: string; readonly resource: string };

/** The path of the file of a template: contracts in proto/, all others in the folder of the service. */
function targetPath(template: string, words: TemplateWords): string {
  const { name } = words;
  const file = renderTemplate(template.replace(/\.tmpl$/, ""), words);
  if (file === "contract.proto") return `proto/plaza/${name}/v1/${name}.proto`;
  if (file === "events.proto") return `proto/plaza/${name}/v1/events.proto`;
  return `services/${name}/${file}`;
}

/** Replaces the words of the templates, which describe a service "board" with notes. */
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

/** Runs a program and waits for its end. */
function runTool(program: string, ...args: string[]): void {
  const { status, stderr } = spawnSync(program, args, { cwd: root, encoding: "utf8" });
  if (status !== 0) throw new Error(`${path.basename(program)} failed:\n${stderr}`);
}
