import path from "node:path";
import type { Scope } from "../base/scope.ts";
import { startServerProcess } from "../base/server-process.ts";

export const contenderNames = ["ours", "grpc-js", "connect-node"] as const;
export type ContenderName = (typeof contenderNames)[number];

/** A server under test. */
export type Contender = {
  readonly port: number;
  readonly pid: number;
  stop(): Promise<void>;
};

/** Starts a server on the given core. */
export async function startContender(
  scope: Scope,
  name: ContenderName,
  cores: string,
): Promise<Contender> {
  const file = path.join(import.meta.dirname, `serve-${name}.ts`);
  const { url, pid, stop } = await startServerProcess(scope, { cores, args: [file] });
  return { port: Number(new URL(url).port), pid, stop };
}
