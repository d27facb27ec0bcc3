import type { Anomalies } from "../base/validate-checker.ts";
import type { CallAnomaly } from "./checker.ts";
import { faultsOfClients, faultsOfServers } from "./foreign-faults.ts";
import { type Peer, plazaPeer } from "./peers.ts";

/** What a pair of peers did with some settings. */
export type PeerRun = {
  readonly client: Peer;
  readonly server: Peer;
  readonly settings: string;
  readonly calls: number;
  readonly anomalies: readonly CallAnomaly[];
};

type Pair = readonly [client: Peer, server: Peer];

/** @plaza/grpc with every other, in both directions. */
export function pairsOf(others: readonly Peer[]): Pair[] {
  return others.flatMap((other): Pair[] => [
    [plazaPeer, other],
    [other, plazaPeer],
  ]);
}

/** As controls, each of the others with the next two. */
export function controlsOf(others: readonly Peer[]): Pair[] {
  return others.flatMap((client, index) =>
    [1, 2].flatMap((distance): Pair[] => {
      const server = others[(index + distance) % others.length];
      return server && server !== client ? [[client, server]] : [];
    }),
  );
}

export function isOfPlaza({ client, server }: PeerRun): boolean {
  return client === plazaPeer || server === plazaPeer;
}

/**
 * The anomalies of @plaza/grpc: those of its runs, without those that the other side shows in the same role whoever of
 * its controls it speaks to.
 */
export function anomaliesOfPlaza(runs: readonly PeerRun[]): Anomalies {
  const found = runs.filter(isOfPlaza).flatMap((run) => {
    const role = run.client === plazaPeer ? "server" : "client";
    const other = role === "server" ? "client" : "server";
    const controls = runs.filter((one) => !isOfPlaza(one) && one[role] === run[role]);
    const outcomesOfControls = Map.groupBy(controls, (one) => one[other])
      .values()
      .map((one) => new Set(one.flatMap(({ anomalies }) => anomalies.map(outcomeOf))))
      .toArray();
    return run.anomalies
      .filter((anomaly) => !faultsOfClients[run.client.name]?.(anomaly, run.settings))
      .filter((anomaly) => !faultsOfServers[run.server.name]?.(anomaly, run.settings))
      .filter((anomaly) => {
        const outcome = outcomeOf(anomaly);
        const isKnown = outcomesOfControls.every((outcomes) => outcomes.has(outcome));
        return outcomesOfControls.length === 0 || !isKnown;
      })
      .map((anomaly) => [`${nameOf(run)}: `, anomaly] as const);
  });
  return byKind(found);
}

/** What is alike in anomalies with one cause. */
function outcomeOf({ kind, plan, outcome }: CallAnomaly): string {
  const code = kind === "wrong status" ? outcome?.code : "";
  return `${kind} ${code} ${plan.status === 0 ? "succeeds" : "fails"} ${plan.early > 0 ? "early" : ""}`;
}

/** Lines by kind, each with what is said before it. */
export function byKind(anomalies: readonly (readonly [prefix: string, CallAnomaly])[]): Anomalies {
  const groups = Object.groupBy(anomalies, ([, { kind }]) => kind);
  return Object.fromEntries(
    Object.entries(groups).map(([kind, found]) => [
      kind,
      found.map(([prefix, anomaly]) => `${prefix}${describeAnomaly(anomaly)}`),
    ]),
  );
}

export function nameOf({ client, server, settings }: PeerRun): string {
  return `${client.name} to ${server.name}, ${settings}`;
}

export function describeAnomaly({ plan, outcome }: CallAnomaly): string {
  return `${JSON.stringify(outcome)} of ${JSON.stringify(plan)}`;
}
