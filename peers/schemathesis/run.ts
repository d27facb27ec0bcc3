// Runs Schemathesis against a Plaza with the demo data, as an admin, so that every operation may be called.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { signInDemo } from "../../test/base/accounts.ts";
import { listOperations, type OpenApiDocument } from "../../test/base/openapi-document.ts";
import { startPlaza } from "../../test/base/running-plaza.ts";

const [build = "", ...options] = process.argv.slice(2);
const maxSeconds = 40;

const checks = [
  "not_a_server_error",
  "status_code_conformance",
  "content_type_conformance",
  "response_headers_conformance",
  "response_schema_conformance",
];

/** They end the session that all others are called with. */
const endsSession = new Set(["AuthService_Logout", "AuthService_ChangePassword"]);

/** The document without the patterns whose character classes Schemathesis cannot draw from. */
function withoutUnicodeClasses(text: string): string {
  return JSON.stringify(JSON.parse(text), (key, value: unknown) =>
    key === "pattern" && /\\p\{/.test(String(value)) ? undefined : value,
  );
}

const plaza = await startPlaza();
const folder = mkdtempSync(path.join(tmpdir(), "plaza-schemathesis-"));
try {
  const { accessToken } = await signInDemo(plaza.url, "admin1");
  const text = await (await fetch(`${plaza.url}/openapi.json`)).text();
  const document = path.join(folder, "openapi.json");
  writeFileSync(document, withoutUnicodeClasses(text));
  const operations = listOperations(JSON.parse(text) as OpenApiDocument);
  // A stream goes on for as long as its caller stays: test/openapi-conformance.test.ts reads them.
  const excluded = operations.filter(({ name, isStream }) => isStream || endsSession.has(name));
  const tested = operations.length - excluded.length;
  process.stdout.write(`${tested} operations; left out: ${excluded.map(({ name }) => name)}\n`);
  const run = spawn(
    `${build}/venv/bin/schemathesis`,
    [
      ...["run", document, "--url", plaza.url, "--header", `Authorization: Bearer ${accessToken}`],
      ...["--checks", checks.join(","), "--phases", "examples,coverage,fuzzing"],
      ...["--max-time", String(maxSeconds), "--max-examples", "20", "--seed", "1"],
      ...["--workers", "2", "--continue-on-failure", "--no-shrink", "--warnings", "off"],
      ...excluded.flatMap(({ name }) => ["--exclude-operation-id", name]),
      ...options,
    ],
    { cwd: folder, stdio: ["ignore", "inherit", "inherit"] },
  );
  const [code] = (await once(run, "exit")) as [number | null];
  process.exitCode = code ?? 1;
} finally {
  await plaza.stop();
  rmSync(folder, { recursive: true });
}
