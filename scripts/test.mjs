// `npm test`: sets up what is missing, then runs every test. `npm test -- <path…>` runs those below the
// paths given.
import { spawnSync } from "node:child_process";
import { globSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { env, node, root, setUp } from "./setup.mjs";

if (!globSync) {
  // Node 20 lacks globSync; the pinned Node, which set-up installs, goes on from here.
  setUp();
  const again = spawnSync(node, [fileURLToPath(import.meta.url), ...process.argv.slice(2)], {
    stdio: "inherit",
    env,
  });
  process.exit(again.status ?? 1);
}

setUp();
const places = process.argv.slice(2);
const files = globSync("{packages,services,apps,test}/**/*.test.ts", {
  cwd: root,
  exclude: (name) => name === "node_modules" || name === "dist",
}).filter((file) => places.length === 0 || places.some((place) => file.startsWith(place)));

const { status } = spawnSync(node, ["--test", "--test-concurrency=2", ...files.sort()], {
  cwd: root,
  env,
  stdio: "inherit",
});
process.exit(status ?? 1);
