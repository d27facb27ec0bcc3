import { createServer, type Server } from "node:http";
import { pipeline } from "node:stream/promises";
import type { DescService } from "@bufbuild/protobuf";
import type { Transport } from "@connectrpc/connect";
import { createTranscoder } from "@plaza/rest/transcoder";

/** Serves the REST paths of the services that a Connect transport reaches. */
export function createRestServer(services: DescService[], transport: Transport): Server {
  const transcoder = createTranscoder({
    services,
    async invoke(method, request, { headers, signal, timeoutMs }) {
      const reply = await transport.unary(method, signal, timeoutMs, headers, request);
      return { message: reply.message, headers: reply.header, trailers: reply.trailer };
    },
    async invokeStream(method, requests, { headers, signal, timeoutMs }) {
      const reply = await transport.stream(method, signal, timeoutMs, headers, requests);
      return { messages: reply.message, headers: reply.header, trailers: reply.trailer };
    },
  });
  return createServer(async (request, response) => {
    const hangUp = new AbortController();
    response.once("close", () => hangUp.abort());
    const fields = Object.entries(request.headersDistinct);
    const headers = fields.flatMap(([name, values = []]) => values.map((one) => [name, one]));
    const { method = "GET", url = "/" } = request;
    const body = request.iterator({ destroyOnReturn: false });
    const reply = await transcoder.handle(
      { method, url, headers: new Headers(headers as [string, string][]), body },
      hangUp.signal,
    );
    response.writeHead(reply.status, reply.headers.flat());
    if ("body" in reply) response.end(reply.body);
    else await pipeline(reply.chunks, response).catch(() => undefined);
    request.resume();
  });
}
