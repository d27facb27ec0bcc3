import type { Router } from "@plaza/grpc/calls";
import { createServer } from "@plaza/grpc/server";

/** Serves routes over gRPC on a free loopback port; `close` also ends open calls. */
export async function startTestGrpcServer(
  routes: (router: Router) => unknown,
): Promise<{ address: string; close(): Promise<void> }> {
  const server = createServer({ routes });
  await server.listen({ port: 0 });
  return {
    address: `http://127.0.0.1:${server.port}`,
    close: () => server.close({ graceMs: 0 }),
  };
}
