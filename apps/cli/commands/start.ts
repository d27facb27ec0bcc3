import { createGateway } from "@plaza/gateway/gateway";
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
import { startSplit } from "./split.ts";

/** The name that stands for the gateway among the services on the command line. */
const gatewayName = "gateway";

/** `plaza start`: everything, everything split, or the parts named. Answers once all of it serves. */
export async function run(names: string[], { split }: CommandOptions): Promise<void> {
  const config = readConfig(process.env);
  if (split && names.length > 0)
    throw new OperatorError("--split starts everything; name no services with it.");
  const teardown = new CleanupStack();
  onShutdownSignal(() => teardown.run());
  try {
    if (split) await startSplit(config, teardown);
    else await startInProcess(config, names, teardown);
  } catch (error) {
    await teardown.run();
    throw error;
  }
}

async function startInProcess(
  config: Config,
  names: readonly string[],
  teardown: CleanupStack,
): Promise<void> {
  const everything = names.length === 0;
  const parts = everything ? [...serviceNames(), gatewayName] : names;
  const services = await loadServices(parts.filter((name) => name !== gatewayName));
  const log = createProcessLogger(config, teardown);
  teardown.defer(await startOtlpExporter(config));
  const databases = await openDatabases(
    config,
    services.map(({ name }) => name),
    log,
  );
  teardown.defer(() => databases.close());
  const files = openTlsFiles(config, log);
  teardown.defer(async () => files?.close());
  const tls = files?.current;
  const hosted = await startHost({
    services,
    config,
    log,
    tls,
    database: databases.connectionConfig,
  });
  teardown.defer(() => hosted.close());

  if (everything && config.PLAZA_ENV === "development") await hosted.seed();
  hosted.startWorkers();
  const urls: string[] = [];
  if (!everything && services.length > 0)
    urls.push(await serveServices(hosted, config, tls, teardown));
  if (parts.includes(gatewayName)) urls.push(await serveGateway(hosted, config, log, teardown));
  reportReady(
    everything
      ? startupBanner(config, urls.at(-1) ?? "")
      : `${parts.join(", ")}: ${urls.join(" ")}\n`,
  );
}

async function serveServices(
  hosted: Host,
  config: Config,
  tls: (() => TlsCredentials) | undefined,
  teardown: CleanupStack,
): Promise<string> {
  const server = await serveGrpc(hosted, {
    port: config.PLAZA_GRPC_PORT,
    host: config.PLAZA_GRPC_HOST,
    tls,
  });
  teardown.defer(() => server.close());
  return `${tls ? "https" : "http"}://${config.PLAZA_GRPC_HOST}:${server.port}`;
}

async function serveGateway(
  hosted: Host,
  config: Config,
  log: Logger,
  teardown: CleanupStack,
): Promise<string> {
  const contracts = (await loadServices(serviceNames())).map(({ contract }) => contract);
  const gateway = createGateway({ host: hosted, contracts, config, log });
  const { url } = await gateway.listen();
  teardown.defer(() => gateway.close());
  return url;
}

/** Prints, and tells a supervisor above us that we serve. */
function reportReady(text: string): void {
  process.stdout.write(text);
  process.send?.("ready");
}
