import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import path from "node:path";

/** A program that speaks the echo service: its command line, to which the role and the settings are added. */
export type Peer = { readonly name: string; readonly command: readonly [string, ...string[]] };

const echoMain = path.join(import.meta.dirname, "echo-main.ts");
const peersFolder = path.join(import.meta.dirname, "..", "..", "peers");

/** Those of npm, which are always there. */
export const plazaPeer = npmPeer("@plaza/grpc");
export const npmPeers: readonly Peer[] = [npmPeer("grpc-js"), npmPeer("connect-node")];

/** The folders of peers/ that hold an echo program. */
export const foreignSuites = ["grpc-go", "grpcio", "grpc-java", "tonic"];

/**
 * Finds up to `count` peers of other toolchains. With `build` it builds those that are not built yet; what cannot be had
 * is said through `log`, with how to get it.
 */
export function foreignPeers(count: number, build: boolean, log: (line: string) => void): Peer[] {
  return foreignSuites.slice(0, count).flatMap((name) => {
    const args = build ? [name] : ["--if-built", name];
    const { stdout, stderr } = spawnSync(path.join(peersFolder, "build"), args, {
      encoding: "utf8",
      stdio: ["ignore", "pipe", build ? "inherit" : "pipe"],
    });
    const program = path.join(stdout.trim(), "echo");
    if (stdout.trim() !== "" && existsSync(program)) return [{ name, command: [program] }];
    log(`without ${name}: ${stderr?.trim() || `run peers/build ${name}`}`);
    return [];
  });
}

function npmPeer(name: string): Peer {
  return { name, command: [process.execPath, echoMain, name] };
}
