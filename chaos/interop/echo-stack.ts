import type { Transport } from "@connectrpc/connect";

/** Settings of a side; what is missing stays as the implementation has it. */
export type EchoSettings = {
  readonly maxStreams?: number;
  readonly maxAgeMs?: number;
  readonly keepaliveMs?: number;
  /** Calls that a client makes at once. */
  readonly concurrency?: number;
};

/** An implementation of gRPC, as a server and as a client of the echo service. */
export type EchoStack = {
  /** Starts a server on a free port of 127.0.0.1. Resolves with the port. */
  serve(settings: EchoSettings): Promise<number>;
  /** Makes a client whose messages are compressed or not. */
  connect(port: number, settings: EchoSettings, gzip: boolean): Transport;
};
