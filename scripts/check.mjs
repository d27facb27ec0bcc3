// `npm run check`: everything that a machine can judge without running Plaza.
import { spawnSync } from "node:child_process";
import { env, root, setUp } from "./setup.mjs";

setUp();

const checks = {
  types: "tsc -p tsconfig.json",
  lint: "biome check --error-on-warnings .",
  names: "node scripts/names.mjs",
  "proto lint": "buf lint",
  "proto format": "buf format --diff --exit-code --path proto/plaza",
  "proto breaking":
    "buf breaking packages/contract/gen/plaza.binpb --against proto/released.binpb --exclude-imports",
  "unused exports": "knip",
};

const failed = [];
for (const [name, command] of Object.entries(checks)) {
  const [program, ...args] = command.split(" ");
  const { status, stdout, stderr } = spawnSync(program, args, { cwd: root, env, encoding: "utf8" });
  process.stdout.write(`${status === 0 ? "ok  " : "FAIL"}  ${name}\n`);
  if (status === 0) continue;
  failed.push(name);
  process.stdout.write(`${stdout}${stderr}\n`);
}
process.exit(failed.length === 0 ? 0 : 1);
