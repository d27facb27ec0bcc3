// `npm run build`: compiles the packages that are published to JavaScript and declarations, each with the
// package.json it is published with: `npm publish packages/grpc/dist`. In the repository they run from their
// sources. `node scripts/build-packages.mjs <folder>` builds them below another folder.
import { spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { env, root, setUp } from "./setup.mjs";

const publishedPackages = ["grpc", "rest"];

const [, , folder] = process.argv;

/** Entry points for the repository's own tests, which are not published. */
const unpublishedEntryPoints = new Set(["./testing", "./fuzz"]);

setUp();
for (const name of publishedPackages) {
  const outDir = folder ? path.resolve(folder, name) : path.join(root, "packages", name, "dist");
  buildPackage(name, outDir);
  process.stdout.write(`${outDir}\n`);
}

/** Builds one package into a folder, which is emptied first. Throws with the compiler's output. */
function buildPackage(name, outDir) {
  const packageDir = path.join(root, "packages", name);
  const manifest = JSON.parse(readFileSync(path.join(packageDir, "package.json"), "utf8"));
  const entryPoints = Object.entries(manifest.exports).filter(
    ([key]) => !unpublishedEntryPoints.has(key),
  );
  rmSync(outDir, { recursive: true, force: true });
  mkdirSync(outDir, { recursive: true });
  compile(
    packageDir,
    entryPoints.map(([, file]) => file),
    outDir,
  );
  const copied = ["README.md", "proto"].filter((file) => existsSync(path.join(packageDir, file)));
  for (const file of copied)
    cpSync(path.join(packageDir, file), path.join(outDir, file), { recursive: true });
  cpSync(path.join(root, "LICENSE"), path.join(outDir, "LICENSE"));
  const published = toPublishedManifest(manifest, entryPoints);
  writeFileSync(path.join(outDir, "package.json"), `${JSON.stringify(published, null, 2)}\n`);
}

/** Only what the entry points reach is compiled: no tests, and nothing that only tests import. */
function compile(packageDir, files, outDir) {
  const config = path.join(outDir, "tsconfig.json");
  writeFileSync(
    config,
    JSON.stringify({
      extends: path.join(root, "tsconfig.json"),
      compilerOptions: {
        noEmit: false,
        allowImportingTsExtensions: false,
        rewriteRelativeImportExtensions: true,
        declaration: true,
        sourceMap: true,
        inlineSources: true,
        target: "es2024",
        rootDir: packageDir,
        outDir,
        typeRoots: [path.join(root, "node_modules", "@types")],
      },
      files: files.map((file) => path.join(packageDir, file)),
      include: [],
    }),
  );
  const tsc = path.join(root, "node_modules", ".bin", "tsc");
  const { status, stdout, stderr } = spawnSync(tsc, ["-p", config], { env, encoding: "utf8" });
  rmSync(config);
  if (status !== 0) throw new Error(`tsc failed:\n${stdout}${stderr}`);
}

function toPublishedManifest(manifest, entryPoints) {
  const exports = entryPoints.map(([key, source]) => {
    const stem = source.slice(0, -".ts".length);
    return [key, { types: `${stem}.d.ts`, default: `${stem}.js` }];
  });
  return {
    ...manifest,
    exports: { ...Object.fromEntries(exports), "./package.json": "./package.json" },
    files: ["**/*.js", "**/*.js.map", "**/*.d.ts", "proto/**/*.proto"],
    peerDependencies: { ...manifest.peerDependencies, "@types/node": ">=22" },
    peerDependenciesMeta: { "@types/node": { optional: true } },
  };
}
