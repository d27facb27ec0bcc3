import { accessSync, constants } from "node:fs";
import path from "node:path";

/** How to get the programs that npm does not install. */
const sources = {
  taskset: "it is part of util-linux, so benchmarks that pin processes to cores need Linux",
  h2load: "apt-get install nghttp2-client",
  go: "https://go.dev/doc/install",
} as const;

/** Whether a program is on the PATH. */
export function isInstalled(program: keyof typeof sources): boolean {
  const folders = (process.env["PATH"] ?? "").split(path.delimiter);
  return folders.some((folder) => {
    try {
      accessSync(path.join(folder, program), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

/** Ends the process with one line that says how to get a program, unless all are there. */
export function requirePrograms(...programs: readonly (keyof typeof sources)[]): void {
  const missing = programs.filter((program) => !isInstalled(program));
  if (missing.length === 0) return;
  exitWithMessage(missing.map((one) => `${one} is not installed: ${sources[one]}`).join("; "));
}

/** Ends the process because of what its user can mend. */
export function exitWithMessage(message: string): never {
  process.stderr.write(`${message}\n`);
  process.exit(1);
}
