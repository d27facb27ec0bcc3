import type { CallAnomaly } from "./checker.ts";

/**
 * Faults of other implementations that they show among themselves as well, though not in every control: how often
 * depends on the other side. The controls of a run print them.
 */
type ForeignFaults = Readonly<Record<string, (anomaly: CallAnomaly, settings: string) => boolean>>;

const fewStreams = "few streams";

/** By the name of the client. */
export const faultsOfClients: ForeignFaults = {
  // It loses the end of a compressed stream that the server ends early, and does not repeat refused calls.
  "connect-node": ({ plan, outcome }, settings) =>
    (plan.early > 0 && outcome?.code === 2) || (outcome?.code === 13 && settings !== "default"),
  // It goes on writing to a stream that the server has ended early, and drops messages when the status is not OK.
  "grpc-js": ({ kind, plan, outcome }) =>
    (plan.early > 0 && outcome?.code === 13) || (kind === "damaged" && plan.status !== 0),
  // It says CANCELLED at its deadlines, and does not repeat refused calls.
  tonic: ({ plan, outcome }, settings) =>
    (plan.deadlineMs > 0 && outcome?.code === 1) ||
    (outcome?.code === 14 && settings === fewStreams),
};

/** By the name of the server. With few streams, node:http2 and grpcio count some that their client knows to be over. */
export const faultsOfServers: ForeignFaults = {
  "connect-node": ({ outcome }, settings) => outcome?.code === 8 && settings === fewStreams,
  "grpc-js": ({ outcome }, settings) => outcome?.code === 8 && settings === fewStreams,
  grpcio: ({ outcome }, settings) => outcome?.code === 14 && settings === fewStreams,
  // Its HTTP/2 ends a connection on which many small messages wait to be read (too_many_data_frames).
  tonic: ({ outcome }) => outcome?.code === 14 || outcome?.code === 8,
};
