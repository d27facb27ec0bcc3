import { type Config, readConfig } from "@plaza/kit/config";
import { OperatorError } from "@plaza/kit/errors/operator-error";
import { openTlsFiles, type TlsCredentials } from "@plaza/kit/identity/tls-files";
import { serveGrpc } from "@plaza/kit/runtime/grpc-server";
import { type Host, startHost } from "@plaza/kit/runtime/host";
import type { Logger } from "@plaza/kit/telemetry/log";
import { startOtlpExporter } from "@plaza/kit/telemetry/otlp-exporter";
import { CleanupStack, onShutdownSignal } from "../cleanup-stack.ts";
import type { CommandOptions } from "../command-options.ts";
import { openDatabases } from "../databases.ts";
import { createProcessLogger } from "../process-logger.ts";
import { loadServices, serviceNames } from "../services.ts";
import { startupBanner } from "../startup-banner.ts";

/** The name of the gateway among the services on the command line. */
const gatewayName = "gateway";

/**
 * `plaza start`: starts everything in this process, everything in processes of their own (--split), or the
 * named services. Resolves when they are ready.
 */
export async function run(names: string[], { split }: CommandOptions): Promise<void> {
  const config = readConfig(process.env);
  if (split && names.length > 0)
    throw new OperatorError("--split starts all services and cannot be combined with their names.");
  const cleanup = new CleanupStack();
  onShutdownSignal(() => cleanup.run());
  try {
    if (split) {
      // Half of a process's start is loading modules; so it loads only what it runs.
      const { startSplit } = await import("../split-processes.ts");
      await startSplit(config, cleanup);
    } else await startInProcess(config, names, cleanup);
  } catch (error) {
    await cleanup.run();
    throw error;
  }
}

async function startInProcess(
  config: Config,
  names: readonly string[],
  cleanup: CleanupStack,
): Promise<void> {
  const startsAll = names.length === 0;
  const hostedNames = startsAll ? [...serviceNames(), gatewayName] : names;
  const services = await loadServices(hostedNames.filter((name) => name !== gatewayName));
  const log = createProcessLogger(config, cleanup);
  cleanup.defer(await startOtlpExporter(config));
  const databases = await openDatabases(
    config,
    services.map(({ name }) => name),
    log,
  );
  cleanup.defer(() => databases.close());
  const tlsFiles = openTlsFiles(config, log);
  cleanup.defer(async () => tlsFiles?.close());
  const tls = tlsFiles?.current;
  const host = await startHost({
    services,
    config,
    log,
    tls,
    database: databases.connectionConfig,
  });
  cleanup.defer(() => host.close());

  if (startsAll && config.PLAZA_ENV === "development") await host.seed();
  host.startWorkers();
  const urls: string[] = [];
  if (!startsAll && services.length > 0) urls.push(await serveServices(host, config, tls, cleanup));
  if (hostedNames.includes(gatewayName)) urls.push(await serveGateway(host, config, log, cleanup));
  reportReady(
    startsAll
      ? startupBanner(config, urls.at(-1) ?? "")
      : `${hostedNames.join(", ")}: ${urls.join(" ")}\n`,
  );
}

async function serveServices(
  host: Host,
  config: Config,
  tls: (() => TlsCredentials) | undefined,
  cleanup: CleanupStack,
): Promise<string> {
  const server = await serveGrpc(host, {
    port: config.PLAZA_GRPC_PORT,
    host: config.PLAZA_GRPC_HOST,
    tls,
  });
  cleanup.defer(() => server.close());
  return `${tls ? "https" : "http"}://${config.PLAZA_GRPC_HOST}:${server.port}`;
}

async function serveGateway(
  host: Host,
  config: Config,
  log: Logger,
  cleanup: CleanupStack,
): Promise<string> {
  const contracts = (await loadServices(serviceNames())).map(({ contract }) => contract);
  const { createGateway } = await import("@plaza/gateway/gateway");
  const gateway = createGateway({ host, contracts, config, log });
  const { url } = await gateway.listen();
  cleanup.defer(() => gateway.close());
  return url;
}

/** Reports readiness to standard output and to the supervisor. */
function reportReady(text: string): void {
  process.stdout.write(text);
  process.send?.("ready");
}
