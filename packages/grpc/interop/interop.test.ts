import { connectNode } from "./connect.ts";
import { grpcJs } from "./grpcjs.ts";
import { ours } from "./ours.ts";
import { pair } from "./pair.ts";
import { pythonGrpcio } from "./python.ts";

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
