import { interopCases, longCases } from "./cases.ts";
import { connectNodeImplementation } from "./connect-node.ts";
import { grpcJsImplementation } from "./grpc-js.ts";
import { testPair } from "./implementation-pair.ts";
import { plazaImplementation } from "./plaza-grpc.ts";
import { pythonImplementation } from "./python-grpcio.ts";

for (const [client, server] of [
  [plazaImplementation, plazaImplementation],
  [plazaImplementation, grpcJsImplementation],
  [grpcJsImplementation, plazaImplementation],
  [plazaImplementation, pythonImplementation],
  [pythonImplementation, plazaImplementation],
  [plazaImplementation, connectNodeImplementation],
  [connectNodeImplementation, plazaImplementation],
] as const) {
  testPair(client, server, interopCases);
}

// The frames of C core for each message: see safety/permitted-frames.test.ts.
for (const [client, server] of [
  [plazaImplementation, pythonImplementation],
  [pythonImplementation, plazaImplementation],
] as const) {
  testPair(client, server, longCases);
}
