import type { Transport } from "@connectrpc/connect";
import { type CaseName, cases } from "./cases.ts";
import type { ClientTraits, ServerTraits } from "./interop-case.ts";
import type { Wire } from "./recording-relay.ts";

/** One implementation of gRPC, as a server and as a client of the interoperability cases. */
export type Stack = {
  readonly name: string;
  /** False, or how to get what is missing here. */
  readonly skip: string | false;
  /** The cases that its server cannot take part in, each with the reason. */
  readonly serverLacks: Partial<Record<CaseName, string>>;
  /** Starts a server on a free port of this machine. */
  serve(): Promise<Served>;
  /** Makes a client of such a server at a port of this machine. */
  connect(port: number, server: ServerTraits): Promise<Caller>;
};

export type Served = {
  readonly port: number;
  readonly traits: ServerTraits;
  /** Counts the calls whose handler has not returned yet, if the server runs in this process. */
  readonly running: (() => number) | undefined;
  close(): Promise<void>;
};

export type Caller = {
  /** Rejects when the case fails. */
  run(name: CaseName, wire: Wire): Promise<void>;
  close(): Promise<void>;
};

/** Runs the cases through two transports: one with gzip both ways, and one that sends none and, if it can, refuses it. */
export function transportCaller(options: {
  readonly plain: Transport;
  readonly gzip: Transport;
  readonly client: ClientTraits;
  readonly server: ServerTraits;
  readonly close: () => void | Promise<void>;
}): Caller {
  return {
    run: (name, wire) => cases[name]({ ...options, wire }),
    close: async () => options.close(),
  };
}
