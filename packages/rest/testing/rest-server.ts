import { createServer, type Server } from "node:http";
import type { DescService } from "@bufbuild/protobuf";
import type { Transport } from "@connectrpc/connect";
import { createRequestListener } from "@plaza/rest/node";
import { createTranscoder, transportInvoker } from "@plaza/rest/transcoder";

/** Serves the REST paths of the services that a Connect transport reaches. */
export function createRestServer(services: DescService[], transport: Transport): Server {
  const transcoder = createTranscoder({ services, ...transportInvoker(transport) });
  return createServer(createRequestListener(transcoder));
}
