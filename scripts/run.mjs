// `npm run bench <name> [options]` and `npm run chaos <name> [options]`: runs <kind>/<name>.ts.
import { spawnSync } from "node:child_process";
import { readdirSync } from "node:fs";
import path from "node:path";
import { env, node, root, setUp } from "./setup.mjs";

const [kind = "", name = "", ...options] = process.argv.slice(2);
const names = readdirSync(path.join(root, kind))
  .filter((file) => file.endsWith(".ts") && !file.endsWith(".test.ts"))
  .map((file) => file.slice(0, -".ts".length));

if (!names.includes(name)) {
  process.stderr.write(`npm run ${kind} <name>: one of ${names.join(", ")}\n`);
  process.exit(1);
}
setUp();
const { status } = spawnSync(node, [path.join(root, kind, `${name}.ts`), ...options], {
  stdio: "inherit",
  env,
});
process.exit(status ?? 1);
