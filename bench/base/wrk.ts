import { type ChildProcess, execFileSync, spawn } from "node:child_process";

/** Starts a server on the given cores, as `taskset` names them, and answers where it listens. */
export function startServerProcess(
  cores: string,
  args: readonly string[],
  env: Record<string, string>,
): Promise<{ url: string; child: ChildProcess }> {
  const child = spawn("taskset", ["-c", cores, process.execPath, ...args], {
    env: { ...process.env, NODE_ENV: "production", ...env },
    stdio: ["ignore", "pipe", "inherit"],
  });
  process.once("exit", () => child.kill());
  return new Promise((resolve, reject) => {
    let printed = "";
    child.stdout.on("data", (chunk: Buffer) => {
      printed += String(chunk);
      const [url] = /http:\/\/[\w.]+:\d+/.exec(printed) ?? [];
      if (url) resolve({ url, child });
    });
    child.once("exit", () => reject(new Error(`did not start:\n${printed}`)));
  });
}

type WrkOptions = { readonly connections: string; readonly seconds: string };

/** Requests per second that were answered, with a script of wrk; fails when any was refused. */
export function requestsPerSecond(url: string, file: string, options: WrkOptions): number {
  const { rate, refused, printed } = runWrk(url, file, options);
  if (refused > 0) throw new Error(printed);
  return rate;
}

/** Requests per second that were served, and not refused. */
export function servedPerSecond(url: string, file: string, options: WrkOptions): number {
  const { rate, refused } = runWrk(url, file, options);
  return rate - refused / Number(options.seconds);
}

function runWrk(url: string, file: string, { connections, seconds }: WrkOptions) {
  const load = ["wrk", "-t1", `-c${connections}`, `-d${seconds}s`, "-s", file, url];
  const printed = execFileSync("taskset", ["-c", "1", ...load], { encoding: "utf8" });
  const rate = Number(/^Requests\/sec: +([\d.]+)/m.exec(printed)?.[1]);
  if (!rate) throw new Error(printed);
  const refused = Number(/Non-2xx or 3xx responses: (\d+)/.exec(printed)?.[1] ?? 0);
  return { rate, refused, printed };
}
