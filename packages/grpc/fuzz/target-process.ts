import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import type { SeededFault } from "./seeded-faults.ts";
import type { TargetReply, TargetRequest } from "./target-protocol.ts";

const program = fileURLToPath(new URL("./target-main.ts", import.meta.url));

/** The process with the server or client under test. */
export class TargetProcess {
  readonly #process: ChildProcess;
  readonly #onFault: (fault: string) => void;

  constructor(seededFault: SeededFault | undefined, onFault: (fault: string) => void) {
    this.#onFault = onFault;
    this.#process = fork(program, seededFault ? [seededFault] : [], { execArgv: ["--expose-gc"] });
    this.#process.on("error", (error) => onFault(`broken: ${error}`));
  }

  /** Whether it runs and takes requests. */
  get isUp(): boolean {
    return this.#process.connected;
  }

  /** Sends a request, one at a time; returns the figure of its reply. */
  async send(request: TargetRequest): Promise<number> {
    if (!this.isUp) return 0;
    const answer = await new Promise<TargetReply | undefined>((resolve) => {
      this.#process.once("message", (reply: TargetReply) => {
        this.#process.off("exit", resolve);
        resolve(reply);
      });
      this.#process.once("exit", resolve);
      this.#process.send(request);
    });
    for (const fault of answer?.faults ?? []) this.#onFault(fault);
    if (!answer) this.#onFault("crash: the process has ended");
    return answer?.value ?? 0;
  }

  /** Has it close what is open, after which it must exit by itself. */
  async close(limitMs: number): Promise<void> {
    const exit = once(this.#process, "exit");
    if (this.#process.connected) this.#process.send({ ask: "close" } satisfies TargetRequest);
    const timer = setTimeout(() => {
      this.#onFault("hang: the process does not end when all is closed");
      this.#process.kill("SIGKILL");
    }, limitMs);
    if (this.#process.exitCode === null && this.#process.signalCode === null) await exit;
    clearTimeout(timer);
  }
}
