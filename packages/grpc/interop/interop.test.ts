import { connectNode } from "./connect-node.ts";
import { grpcJs } from "./grpc-js.ts";
import { pair } from "./implementation-pair.ts";
import { ours } from "./plaza-grpc.ts";
import { pythonGrpcio } from "./python-grpcio.ts";

for (const [client, server] of [
  [ours, ours],
  [ours, grpcJs],
  [grpcJs, ours],
  [ours, pythonGrpcio],
  [pythonGrpcio, ours],
  [ours, connectNode],
  [connectNode, ours],
] as const) {
  pair(client, server);
}
