import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import {
  existsSync,
  globSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, describe, it } from "node:test";

const root = path.join(import.meta.dirname, "..");
const page = readFileSync(path.join(root, "docs", "architecture.md"), "utf8");

/** Folders that hold no product code, or none of the order: tests, data, generated code. */
const unordered = new Set([
  ...["node_modules", "gen", "dist", "proto", "migrations", "testing", "testdata", "demo"],
  ...["conformance", "fuzz", "interop", "safety", "commands", "template"],
]);

/** The rows of the table under a heading of the page, without its head. */
function tableBelow(heading: string): string[][] {
  const section = page.split(`\n## ${heading}\n`)[1]?.split("\n## ")[0] ?? "";
  const rows = section.split("\n").filter((line) => line.startsWith("| "));
  const cells = rows.map((line) =>
    line
      .slice(1, -1)
      .split(" | ")
      .map((cell) => cell.trim()),
  );
  return cells.slice(1).filter(([first = ""]) => !/^-+$/.test(first));
}

/** A room and its folders in order; those of one step do not import each other. */
type Room = { readonly folder: string; readonly steps: readonly (readonly string[])[] };

const rooms: Room[] = tableBelow("The house").map(([folder = "", order = ""]) => ({
  folder: folder.replaceAll("`", ""),
  steps: order.split(" → ").map((step) => step.split(", ").map((name) => name.replaceAll("`", ""))),
}));

describe("the house in docs/architecture.md", () => {
  it("names every folder below the root, and no other", () => {
    const tree = page.split("```")[1] ?? "";
    const named = [...tree.matchAll(/^([a-z]+)\//gm)].map(([, name]) => name);
    const there = readdirSync(root, { withFileTypes: true })
      .filter((entry) => entry.isDirectory() && !/^\.|^node_modules$/.test(entry.name))
      .map(({ name }) => name);
    assert.deepEqual(named.sort(), there.sort());
  });

  for (const { folder, steps } of rooms) {
    it(`names the folders of ${folder}, and no other`, () => {
      const there = new Set(
        globSync(`${folder}/*/**/*.{ts,tsx}`, { cwd: root, exclude: ["**/node_modules/**"] })
          .map((file) => file.split("/")[folder.split("/").length] ?? "")
          .filter((name) => !unordered.has(name)),
      );
      const named = steps.flat().filter((name) => !name.endsWith(".ts"));
      assert.deepEqual(named.toSorted(), [...there].sort());
      for (const file of steps.flat().filter((name) => name.endsWith(".ts"))) {
        assert.notEqual(globSync(`${folder}/${file}`, { cwd: root }).length, 0, file);
      }
    });
  }
});

/** Where an import is planted, what it imports, and whether the linter must refuse it. */
type Plant = { readonly file: string; readonly specifier: string; readonly isRefused: boolean };

/** For each two names of a room, an import in both directions. */
function plantsOf({ folder, steps }: Room): Plant[] {
  const place = folder.replace("*", "planted");
  const ordered = steps.flatMap((step, index) => step.map((name) => ({ name, index })));
  const folders = ordered.filter(({ name }) => !name.endsWith(".ts"));
  return folders.flatMap((from) =>
    ordered
      .filter(({ name }) => name !== from.name)
      .map((to) => ({
        file: `${place}/${from.name}/from-${to.name.replace(".ts", "")}.ts`,
        specifier: to.name.endsWith(".ts") ? `../${to.name}` : `../${to.name}/planted.ts`,
        isRefused: to.index >= from.index,
      })),
  );
}

/** Imports that leave a room: into another service, a sibling package, an application. */
const outward: Plant[] = [
  { file: "services/planted/reads.ts", specifier: "@plaza/posts/store", isRefused: true },
  { file: "services/planted/reads.ts", specifier: "../posts/store.ts", isRefused: true },
  { file: "services/planted/rpc/reads.ts", specifier: "../../posts/store.ts", isRefused: true },
  { file: "services/planted/reads.ts", specifier: "@plaza/kit/config", isRefused: false },
  {
    file: "services/planted/domain.ts",
    specifier: "@plaza/contract/posts/v1/posts",
    isRefused: true,
  },
  { file: "services/planted/domain.ts", specifier: "@plaza/kit/errors/fault", isRefused: false },
  { file: "packages/kit/rpc/planted.ts", specifier: "@plaza/posts/store", isRefused: true },
  { file: "packages/kit/rpc/planted.ts", specifier: "@plaza/rest/transcoder", isRefused: true },
  { file: "packages/kit/rpc/planted.ts", specifier: "@plaza/grpc/server", isRefused: false },
  { file: "packages/grpc/planted.ts", specifier: "@plaza/kit/config", isRefused: true },
  { file: "packages/rest/planted.ts", specifier: "@plaza/grpc/server", isRefused: true },
  { file: "apps/gateway/planted.ts", specifier: "@plaza/posts/main", isRefused: true },
  { file: "apps/gateway/planted.ts", specifier: "@plaza/rest/transcoder", isRefused: false },
  { file: "apps/web/src/lib/planted.ts", specifier: "@plaza/kit/config", isRefused: true },
  { file: "apps/web/src/chat/planted.ts", specifier: "./pages/chat-page.tsx", isRefused: true },
  {
    file: "apps/web/src/chat/components/planted.ts",
    specifier: "../pages/chat-page.tsx",
    isRefused: true,
  },
  { file: "apps/cli/planted.ts", specifier: "./commands/start.ts", isRefused: true },
  { file: "test/base/planted.ts", specifier: "../../chaos/kill/suite.ts", isRefused: true },
  { file: "chaos/base/planted.ts", specifier: "../kill/suite.ts", isRefused: true },
  { file: "chaos/kill/planted.ts", specifier: "../shop/suite.ts", isRefused: true },
  { file: "chaos/kill/planted.ts", specifier: "../base/cluster.ts", isRefused: false },
  { file: "bench/base/planted.ts", specifier: "../grpc/load.ts", isRefused: true },
  { file: "bench/grpc/planted.ts", specifier: "../shop/load.ts", isRefused: true },
];

describe("the linter", () => {
  const folder = mkdtempSync(path.join(tmpdir(), "plaza-imports-"));
  after(() => rmSync(folder, { recursive: true }));

  it("refuses each import against the order of folders, and no other", () => {
    const plants = [...rooms.flatMap(plantsOf), ...outward];
    const refused = lint(folder, plants);
    for (const { file, specifier, ...plant } of plants) {
      const isRefused = refused.has(`${file}: import "${specifier}";`);
      assert.equal(isRefused, plant.isRefused, `${file} imports ${specifier}`);
    }
  });

  it("refuses two files that import each other, types included", () => {
    copyConfiguration(folder);
    const files = ["packages/kit/db/one.ts", "packages/kit/db/other.ts"] as const;
    write(folder, files[0], 'import type { B } from "./other.ts";\n\nexport type A = B;\n');
    write(folder, files[1], 'import type { A } from "./one.ts";\n\nexport type B = A;\n');
    const { stdout, stderr } = runLinter(folder, ...files);
    assert.match(stdout + stderr, /noImportCycles/);
  });
});

/** Which of the planted imports the linter refuses; one run for all. */
function lint(folder: string, plants: readonly Plant[]): Set<string> {
  copyConfiguration(folder);
  for (const [file, those] of Map.groupBy(plants, (plant) => plant.file)) {
    write(folder, file, those.map(({ specifier }) => `import "${specifier}";\n`).join(""));
  }
  const { stdout } = runLinter(folder, "--reporter=json", "--max-diagnostics=none", ".");
  const { diagnostics } = JSON.parse(stdout) as { diagnostics: LintDiagnostic[] };
  return new Set(
    diagnostics
      .filter(({ category }) => category.endsWith("noRestrictedImports"))
      .map(({ location: { path: file, start } }) => {
        const line = readFileSync(path.join(folder, file), "utf8").split("\n")[start.line - 1];
        return `${file}: ${line}`;
      }),
  );
}

type LintDiagnostic = {
  readonly category: string;
  readonly location: { readonly path: string; readonly start: { readonly line: number } };
};

/** The linter's configuration of the repository, in a folder that is no checkout. */
function copyConfiguration(folder: string): void {
  const files = globSync("{,*/,*/*/}biome.json", { cwd: root, exclude: ["node_modules/**"] });
  for (const file of files) write(folder, file, readFileSync(path.join(root, file), "utf8"));
  const config = JSON.parse(readFileSync(path.join(root, "biome.json"), "utf8"));
  write(folder, "biome.json", JSON.stringify({ ...config, vcs: { enabled: false } }));
}

function runLinter(folder: string, ...args: string[]) {
  const biome = path.join(root, "node_modules", ".bin", "biome");
  return spawnSync(biome, ["lint", ...args], {
    cwd: folder,
    encoding: "utf8",
    maxBuffer: 64 << 20,
  });
}

function write(folder: string, file: string, text: string): void {
  mkdirSync(path.join(folder, path.dirname(file)), { recursive: true });
  writeFileSync(path.join(folder, file), text);
}

describe("the calls and events in docs/architecture.md", () => {
  const services = readdirSync(path.join(root, "services")).filter((name) => !name.includes("."));
  /** The product code of each service, in one string. */
  const sources = new Map(
    services.map((service) => {
      const files = globSync(`services/${service}/**/*.ts`, {
        cwd: root,
        exclude: ["**/testing/**"],
      });
      const product = files.filter(
        (file) => !/\.test\.ts$|\/testing[^/]*\.ts$|node_modules/.test(file),
      );
      return [
        service,
        product.map((file) => readFileSync(path.join(root, file), "utf8")).join("\n"),
      ];
    }),
  );

  it("name every service that a service calls, and no other", () => {
    const kitClients: Record<string, string> = {
      "clients/users": "users",
      "clients/user-cards": "users",
    };
    const called = [...sources].flatMap(([service, text]) => {
      const contracts = text.matchAll(
        /\b[A-Z]\w*Service\b[^;]*? from "@plaza\/contract\/(\w+)\/v1\/\w+"/g,
      );
      const names = [...contracts].map(([, name = ""]) => name);
      const byKit = Object.entries(kitClients).filter(([file]) =>
        text.includes(`@plaza/kit/${file}"`),
      );
      return [...names, ...byKit.map(([, name]) => name)]
        .filter((name) => name !== service && services.includes(name))
        .map((name) => `${service} calls ${name}`);
    });
    const named = tableBelow("Calls")
      .filter(([from]) => from !== "gateway")
      .map(([from, to]) => `${from} calls ${to}`);
    assert.deepEqual(named.toSorted(), [...new Set(called)].sort());
  });

  it("name every event that a service publishes, and no other", () => {
    const published = services.flatMap((service) => {
      const file = path.join(root, "proto", "plaza", service, "v1", "events.proto");
      const text = existsSync(file) ? readFileSync(file, "utf8") : "";
      return [...text.matchAll(/^message (\w+)/gm)].map(
        ([, name]) => `${service} publishes ${name}`,
      );
    });
    const named = tableBelow("Events").flatMap(([service, events = ""]) =>
      [...events.matchAll(/`(\w+)`/g)].map(([, name]) => `${service} publishes ${name}`),
    );
    assert.deepEqual(named.toSorted(), published.sort());
  });

  it("name every consumer of another service's events, and no other", () => {
    const consuming = [...sources].flatMap(([service, text]) =>
      [...text.matchAll(/\bonEvent\(\s*"(\w+)"/g)].map(
        ([, source]) => `${service} consumes ${source}`,
      ),
    );
    const named = tableBelow("Events").flatMap(([source, , consumers = ""]) =>
      consumers
        .split("; ")
        .flatMap((one) => /^(\w+):/.exec(one)?.[1] ?? [])
        .map((service) => `${service} consumes ${source}`),
    );
    assert.deepEqual([...new Set(named)].sort(), [...new Set(consuming)].sort());
  });
});
