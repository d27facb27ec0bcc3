// `npm run bench <name> [options]` and `npm run chaos <name> [options]`: runs <kind>/<name>.ts.
import { spawn } from "node:child_process";
import { readdirSync } from "node:fs";
import path from "node:path";
import { env, node, root, setUp } from "./setup.mjs";

const [kind = "", name = "", ...options] = process.argv.slice(2);
const names = readdirSync(path.join(root, kind))
  .filter((file) => file.endsWith(".ts") && !file.endsWith(".test.ts"))
  .map((file) => file.slice(0, -".ts".length));

if (!names.includes(name)) {
  process.stderr.write(
    `Usage: npm run ${kind} <name> [options]; the names are ${names.join(", ")}.\n`,
  );
  process.exit(1);
}
setUp();
const child = spawn(node, [path.join(root, kind, `${name}.ts`), ...options], {
  stdio: "inherit",
  env,
});
// The child stops what it has started, and this process waits for that. A terminal sends Ctrl-C to both.
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => child.kill(signal));
child.on("exit", (code) => process.exit(code ?? 1));
