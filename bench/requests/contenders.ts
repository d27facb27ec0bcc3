import path from "node:path";
import type { PostsPlaza } from "../base/posts-plaza.ts";
import { processorTimeMs } from "../base/process-stats.ts";
import type { Scope } from "../base/scope.ts";
import { type ServerProcessOptions, startServerProcess } from "../base/server-process.ts";
import { copyAuthors } from "./author-table.ts";
import { buildGrpcGateway } from "./build-grpc-gateway.ts";

/** A server of posts under measurement. */
export type Contender = {
  readonly name: string;
  readonly url: string;
  /** Processor time that it has used, in milliseconds. */
  processorTimeMs(): number;
};

export type PeerOptions = {
  readonly cores: string;
  /** Connections to PostgreSQL of each peer. */
  readonly pool: number;
  readonly smoke: boolean;
};

/**
 * Starts the servers that Plaza is compared with, on the given core. They serve the same posts in the same way,
 * from the same tables but for the authors' cards, which they have beside the posts.
 */
export async function startPeers(
  scope: Scope,
  plaza: PostsPlaza,
  { cores, pool, smoke }: PeerOptions,
): Promise<Contender[]> {
  await copyAuthors(plaza.connectionConfig);
  const start = async (
    name: string,
    program: Pick<ServerProcessOptions, "program" | "args">,
  ): Promise<Contender> => {
    const { host, user } = plaza.connectionConfig("postgres_posts");
    const folder = scope.makeFolder();
    const env = {
      PGHOST: host,
      PGUSER: user,
      PGDATABASE: "postgres_posts",
      POOL_SIZE: String(pool),
      JWKS_URL: `${plaza.url}/.well-known/jwks.json`,
      LOG_FILE: path.join(folder, "access.log"),
      GRPC_SOCKET: path.join(folder, "grpc.sock"),
    };
    const { url, pid } = await startServerProcess(scope, { ...program, cores, env });
    return { name, url, processorTimeMs: () => processorTimeMs(pid) };
  };

  const nestjsMain = path.join(import.meta.dirname, "nestjs", "main.ts");
  const peers = [await start("nestjs", { args: [nestjsMain] })];
  const program = await buildGrpcGateway(scope, { smoke });
  if (program) peers.push(await start("grpc_gateway", { program }));
  return peers;
}
