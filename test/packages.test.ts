import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, describe, it } from "node:test";
import { compileExamples, type Examples, withServer, writeExamples } from "./packages/examples.ts";
import {
  buildPackages,
  type InstalledPackage,
  installNode,
  installPackage,
  RegistryUnreachableError,
  runScript,
} from "./packages/installation.ts";

/** The oldest Node.js that `engines` allows, the LTS release after it, and the one Plaza runs on. */
const nodeVersions = ["22", "24", "26"];
/** Of each package the example that serves, and a file that users cannot import. */
const publishedPackages = {
  grpc: { server: "out/server.js", unlisted: "@plaza/grpc/hpack/decoder" },
  rest: { server: "out/main.js", unlisted: "@plaza/rest/http/headers" },
};
const testFolderPattern = /(^|\/)(testing|testdata|fuzz|interop|conformance|safety)\//;

type TestedPackage = InstalledPackage & {
  readonly server: string;
  readonly unlisted: string;
  readonly readme: string;
  readonly examples: Examples;
};

const folder = mkdtempSync(path.join(tmpdir(), "plaza-packages-"));
after(() => rmSync(folder, { recursive: true, force: true }));

const nodes = new Map<string, string>();
const packages: TestedPackage[] = [];
let skip: string | false = false;
try {
  for (const version of nodeVersions) nodes.set(version, await installNode(version));
  await buildPackages(folder);
  for (const [shortName, { server, unlisted }] of Object.entries(publishedPackages)) {
    const installed = await installPackage(shortName, folder);
    const { name, project } = installed;
    const readme = readFileSync(path.join(project, "node_modules", name, "README.md"), "utf8");
    const examples = await writeExamples(readme, project);
    packages.push({ ...installed, server, unlisted, readme, examples });
  }
} catch (error) {
  if (!(error instanceof RegistryUnreachableError)) throw error;
  skip = error.message;
}

describe("the packages that are published", { skip }, () => {
  for (const { name, files, manifest, project, server, unlisted, readme, examples } of packages) {
    describe(name, () => {
      it("contains compiled code only, and no tests", () => {
        const unwanted = files.filter(
          (file) => /(?<!\.d)\.ts$|\.test\./.test(file) || testFolderPattern.test(file),
        );
        assert.deepEqual(unwanted, []);
        for (const file of ["README.md", "LICENSE"]) assert.ok(files.includes(file), file);
      });

      it("type-checks the README's examples", async () => {
        assert.ok(examples.files.includes("client.ts"));
        await compileExamples(project, examples, unlisted);
      });

      for (const [version, node] of nodes) {
        it(`runs the README's examples on Node ${version}`, async () => {
          await withServer(node, project, server, examples, async () => {
            const printed = await runScript(node, project, "out/client.js");
            assert.equal(printed.trim(), examples.clientOutput);
          });
        });

        it(`resolves its entry points, and no other path, on Node ${version}`, async () => {
          const specifiers = Object.keys(manifest.exports)
            .filter((key) => key !== "./package.json")
            .map((key) => `${name}${key.slice(1)}`);
          const found = await importAll(node, project, specifiers, unlisted);
          assert.equal(found.version.split(".")[0], version);
          assert.equal(found.refusal, "ERR_PACKAGE_PATH_NOT_EXPORTED");
          for (const [specifier, exported] of Object.entries(found.exports)) {
            const row = readme.split("\n").find((line) => line.startsWith(`| \`${specifier}\` |`));
            const missing = exported.filter((one) => !row?.includes(`\`${one}\``));
            assert.deepEqual(missing, [], `the README's entry point ${specifier} lacks exports`);
          }
        });
      }
    });
  }

  it("writes the OpenAPI document of @plaza/rest's README", async () => {
    const rest = packages.find(({ name }) => name === "@plaza/rest");
    assert.ok(rest);
    const printed = await runScript(nodes.get("22") ?? "", rest.project, "out/openapi.js");
    const document = JSON.parse(printed);
    const { description } = document.paths["/v1/books/{id}"].get;
    assert.deepEqual([document.openapi, description], ["3.1.0", "Returns a book."]);
  });
});

/** What each specifier exports, and the code of the error that importing `unlisted` throws. */
async function importAll(node: string, project: string, specifiers: string[], unlisted: string) {
  const script = `
    const exports = {};
    for (const specifier of ${JSON.stringify(specifiers)})
      exports[specifier] = Object.keys(await import(specifier));
    const refusal = await import(${JSON.stringify(unlisted)}).catch(({ code }) => code);
    console.log(JSON.stringify({ version: process.versions.node, exports, refusal }));`;
  const printed = await runScript(node, project, "--input-type=module", "--eval", script);
  return JSON.parse(printed) as {
    version: string;
    exports: Record<string, string[]>;
    refusal: string;
  };
}
