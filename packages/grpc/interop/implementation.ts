import type { Transport } from "@connectrpc/connect";
import { type CaseName, interopCases, longCases } from "./cases.ts";
import type { ClientTraits, ServerTraits } from "./interop-case.ts";
import type { RecordingRelay } from "./recording-relay.ts";

/** One implementation of gRPC, as a server and as a client of the interoperability cases. */
export type GrpcImplementation = {
  readonly name: string;
  /** False, or how to install what is missing. */
  readonly skip: string | false;
  /** The cases that its server cannot take part in, each with the reason. */
  readonly unsupportedServerCases: Partial<Record<CaseName, string>>;
  /** Starts a server on a free port of this machine. */
  serve(): Promise<RunningServer>;
  /** Makes a client of such a server at a port of this machine. */
  connect(port: number, server: ServerTraits): Promise<CaseRunner>;
};

export type RunningServer = {
  readonly port: number;
  readonly traits: ServerTraits;
  /** Counts the calls whose handler has not returned yet, if the server runs in this process. */
  readonly runningCalls: (() => number) | undefined;
  close(): Promise<void>;
};

export type CaseRunner = {
  /** Rejects when the case fails. */
  run(name: CaseName, wire: RecordingRelay): Promise<void>;
  close(): Promise<void>;
};

const allCases = { ...interopCases, ...longCases };

/** Runs the cases through two transports: one with gzip both ways, and one that sends none and, if it can, refuses it. */
export function createCaseRunner(options: {
  readonly plain: Transport;
  readonly gzip: Transport;
  readonly client: ClientTraits;
  readonly server: ServerTraits;
  readonly close: () => void | Promise<void>;
}): CaseRunner {
  return {
    run: (name, relay) => allCases[name]({ ...options, relay }),
    close: async () => options.close(),
  };
}
