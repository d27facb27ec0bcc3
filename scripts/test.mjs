// `npm test`: sets up what is missing, then runs every test. `npm test -- <path…>` runs those below the
// paths given.
import { spawnSync } from "node:child_process";
import path from "node:path";
import { env, node, root, setUp } from "./setup.mjs";

setUp();
// The pinned Node runs the tests, and each test file in a process of its own; a compile cache spares these
// processes the stripping of types.
const cache = { NODE_COMPILE_CACHE: path.join(root, "node_modules", ".cache", "tests") };
const script = path.join(root, "scripts", "test-runner.mjs");
const { status } = spawnSync(node, [script, ...process.argv.slice(2)], {
  cwd: root,
  env: { ...env, ...cache },
  stdio: "inherit",
});
process.exit(status ?? 1);
