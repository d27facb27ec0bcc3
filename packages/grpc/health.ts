import { setTimeout as sleep } from "node:timers/promises";
import type { DescService } from "@bufbuild/protobuf";
import { Code, ConnectError, type ServiceImpl } from "@connectrpc/connect";
import {
  type Health,
  HealthCheckResponse_ServingStatus as Status,
} from "./gen/grpc/health/v1/health_pb.ts";

export { Health, HealthCheckResponse_ServingStatus } from "./gen/grpc/health/v1/health_pb.ts";

/** The services whose health is reported, and the check of the process. */
export type HealthSource = {
  readonly services: readonly DescService[];
  /** Whether the process can serve. */
  isServing(): Promise<boolean>;
  /** Aborts when the process shuts down: then watchers get NOT_SERVING, and their streams end. */
  readonly closing?: AbortSignal;
};

const watchIntervalMs = 1_000;

/**
 * The gRPC health checking protocol (grpc.health.v1). All services of a process have the same status.
 */
export function healthService(source: HealthSource): ServiceImpl<typeof Health> {
  const names = new Set(["", ...source.services.map(({ typeName }) => typeName)]);
  const isServing = async () => !source.closing?.aborted && (await source.isServing());
  const current = async () => ((await isServing()) ? Status.SERVING : Status.NOT_SERVING);
  const statusOf = async (name: string) => (names.has(name) ? current() : Status.SERVICE_UNKNOWN);

  return {
    async check({ service }) {
      if (!names.has(service)) throw new ConnectError("no such service", Code.NotFound);
      return { status: await current() };
    },
    async list() {
      const status = await current();
      return { statuses: Object.fromEntries([...names].map((name) => [name, { status }])) };
    },
    async *watch({ service }, context) {
      const signal = source.closing
        ? AbortSignal.any([context.signal, source.closing])
        : context.signal;
      let last: Status | undefined;
      for (;;) {
        const status = await statusOf(service);
        if (status !== last) yield { status };
        last = status;
        if (signal.aborted) return;
        await sleep(watchIntervalMs, undefined, { signal }).catch(() => undefined);
      }
    },
  };
}
