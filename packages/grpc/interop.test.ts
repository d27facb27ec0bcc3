import { connectNode } from "./interop-connect.ts";
import { grpcJs } from "./interop-grpcjs.ts";
import { ours } from "./interop-ours.ts";
import { pair } from "./interop-pair.ts";
import { pythonGrpcio } from "./interop-python.ts";

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
