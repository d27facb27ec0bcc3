// The examples of a README: each is a block of code whose first line is a comment that names its file.
import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, writeFileSync } from "node:fs";
import { type AddressInfo, connect, createServer } from "node:net";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";

const execute = promisify(execFile);
const bin = path.join(import.meta.dirname, "..", "..", "node_modules", ".bin");
const env = { ...process.env, PATH: `${bin}${path.delimiter}${process.env.PATH}` };
const startTimeoutMs = 20_000;

const bufTemplate = `version: v2
plugins:
  - local: protoc-gen-es
    out: gen
    opt: [target=ts, import_extension=js]
`;

/** The examples of a README as files of a project. */
export type Examples = {
  readonly files: readonly string[];
  /** The free port that replaces the one the README names. */
  readonly port: number;
  /** What the README says that the client prints. */
  readonly clientOutput: string;
};

/** Writes the examples of a README to the files that they name. */
export async function writeExamples(readme: string, project: string): Promise<Examples> {
  const port = await findFreePort();
  writeFileSync(path.join(project, "buf.gen.yaml"), bufTemplate);
  const files: string[] = [];
  for (const [, file = "", body = ""] of readme.matchAll(
    /^```\w+\n(?:\/\/|#) ([\w/.-]+)\n(.*?)^```$/gms,
  )) {
    mkdirSync(path.dirname(path.join(project, file)), { recursive: true });
    writeFileSync(path.join(project, file), body.replace(/\b(?:50051|8080)\b/g, String(port)));
    files.push(file);
  }
  const [, clientOutput = ""] = /console\.log\(.*\); \/\/ (.+)/.exec(readme) ?? [];
  return { files, port, clientOutput };
}

/**
 * Generates the code of the examples' services, type-checks the examples, and the declarations of the
 * package with them, and compiles them to `out/`. `unlisted` is a path of the package that must not
 * resolve.
 */
export async function compileExamples(
  project: string,
  { files }: Examples,
  unlisted: string,
): Promise<void> {
  await execute("buf", ["generate"], { cwd: project, env });
  const image = ["build", "--output", "image.binpb"];
  await execute("buf", image, { cwd: project, env });
  writeFileSync(
    path.join(project, "unlisted.ts"),
    `// @ts-expect-error\nexport type * from "${unlisted}";\n`,
  );
  const options = {
    target: "es2024",
    module: "nodenext",
    types: ["node"],
    strict: true,
    exactOptionalPropertyTypes: true,
    verbatimModuleSyntax: true,
    outDir: "out",
    rootDir: ".",
  };
  const sources = [...files.filter((file) => file.endsWith(".ts")), "unlisted.ts"];
  const config = JSON.stringify({ compilerOptions: options, files: sources });
  writeFileSync(path.join(project, "tsconfig.json"), config);
  await execute("tsc", ["-p", "tsconfig.json"], { cwd: project, env }).catch(
    ({ stdout }: { stdout: string }) => {
      throw new Error(stdout);
    },
  );
}

/** Runs a compiled example that listens on the examples' port until `use` has settled. */
export async function withServer(
  node: string,
  project: string,
  script: string,
  { port }: Examples,
  use: () => Promise<void>,
): Promise<void> {
  const server = spawn(node, [script], { cwd: project, stdio: ["ignore", "ignore", "pipe"] });
  const exited = once(server, "exit");
  let errors = "";
  server.stderr.setEncoding("utf8").on("data", (text: string) => {
    errors += text;
  });
  try {
    const deadline = Date.now() + startTimeoutMs;
    while (!(await isListening(port))) {
      if (server.exitCode !== null || Date.now() > deadline)
        throw new Error(`${script} does not listen: ${errors}`);
      await sleep(50);
    }
    await use();
  } finally {
    server.kill();
    await exited;
  }
}

async function isListening(port: number): Promise<boolean> {
  const socket = connect(port, "127.0.0.1");
  try {
    await once(socket, "connect");
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}

async function findFreePort(): Promise<number> {
  const server = createServer().listen(0);
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}
