import { createGateway } from "@plaza/gateway/gateway";
import { type Config, readConfig } from "@plaza/kit/config";
import { StartError } from "@plaza/kit/errors/operator-error";
import { openTlsFiles, type Tls } from "@plaza/kit/identity/tls-files";
import { serveGrpc } from "@plaza/kit/runtime/grpc-server";
import { type Host, host } from "@plaza/kit/runtime/host";
import type { Logger } from "@plaza/kit/telemetry/log";
import { startTracing } from "@plaza/kit/telemetry/otlp-exporter";
import { onStopSignal, Teardown } from "../cleanup-stack.ts";
import type { Flags } from "../command-options.ts";
import { openDatabases } from "../databases.ts";
import { openLog } from "../process-logger.ts";
import { loadServices, serviceNames } from "../services.ts";
import { welcome } from "../startup-banner.ts";
import { startSplit } from "./split.ts";

/** The name that stands for the edge among the services on the command line. */
const gateway = "gateway";

/** `plaza start`: everything, everything split, or the parts named. Answers once all of it serves. */
export async function run(names: string[], { split }: Flags): Promise<void> {
  const config = readConfig(process.env);
  if (split && names.length > 0)
    throw new StartError("--split starts everything; name no services with it.");
  const teardown = new Teardown();
  onStopSignal(() => teardown.run());
  try {
    if (split) await startSplit(config, teardown);
    else await startHere(config, names, teardown);
  } catch (error) {
    await teardown.run();
    throw error;
  }
}

async function startHere(
  config: Config,
  names: readonly string[],
  teardown: Teardown,
): Promise<void> {
  const everything = names.length === 0;
  const parts = everything ? [...serviceNames(), gateway] : names;
  const services = await loadServices(parts.filter((name) => name !== gateway));
  const log = openLog(config, teardown);
  teardown.add(await startTracing(config));
  const databases = await openDatabases(
    config,
    services.map(({ name }) => name),
    log,
  );
  teardown.add(() => databases.close());
  const files = openTlsFiles(config, log);
  teardown.add(async () => files?.close());
  const tls = files?.current;
  const hosted = await host({ services, config, log, tls, database: databases.of });
  teardown.add(() => hosted.close());

  if (everything && config.PLAZA_ENV === "development") await hosted.seed();
  hosted.work();
  const urls: string[] = [];
  if (!everything && services.length > 0)
    urls.push(await serveServices(hosted, config, tls, teardown));
  if (parts.includes(gateway)) urls.push(await serveEdge(hosted, config, log, teardown));
  announce(
    everything ? welcome(config, urls.at(-1) ?? "") : `${parts.join(", ")}: ${urls.join(" ")}\n`,
  );
}

async function serveServices(
  hosted: Host,
  config: Config,
  tls: (() => Tls) | undefined,
  teardown: Teardown,
): Promise<string> {
  const server = await serveGrpc(hosted, {
    port: config.PLAZA_GRPC_PORT,
    host: config.PLAZA_GRPC_HOST,
    tls,
  });
  teardown.add(() => server.close());
  return `${tls ? "https" : "http"}://${config.PLAZA_GRPC_HOST}:${server.port}`;
}

async function serveEdge(
  hosted: Host,
  config: Config,
  log: Logger,
  teardown: Teardown,
): Promise<string> {
  const contracts = (await loadServices(serviceNames())).map(({ contract }) => contract);
  const edge = createGateway({ host: hosted, contracts, config, log });
  const { url } = await edge.listen();
  teardown.add(() => edge.close());
  return url;
}

/** Prints, and tells a supervisor above us that we serve. */
function announce(text: string): void {
  process.stdout.write(text);
  process.send?.("ready");
}
