import type { TlsOptions } from "node:tls";
import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { createAuthority, createCertificate } from "../../apps/cli/certificates.ts";
import type { Contract } from "./contract.ts";
import { readMessages, writeMessage } from "./framing.ts";

/** How the suite wants its server. */
export type ServerSettings = {
  readonly host: string;
  /** Cleartext if undefined. */
  readonly tls: TlsOptions | undefined;
  /** The largest request message in bytes; 0 is the server's default. */
  readonly messageReceiveLimit: number;
};

/**
 * Runs a server under test: reads from standard input how it is to be, starts it with `listen`, which returns its port,
 * and says on standard output where it is. It runs until the suite ends the process.
 */
export async function startConformanceServer(
  contract: Contract,
  listen: (settings: ServerSettings) => Promise<number>,
): Promise<void> {
  const { value = new Uint8Array() } = await readMessages(process.stdin).next();
  const request = fromBinary(contract.message("ServerCompatRequest"), value);
  const host = "127.0.0.1";
  const authority = request.useTls ? await createAuthority(1) : undefined;
  const certificate = authority && (await createCertificate(authority, "conformance", [host], 1));
  const clientAuthority = Buffer.from(request.clientTlsCert);
  const port = await listen({
    host,
    messageReceiveLimit: request.messageReceiveLimit,
    tls: certificate && {
      ...certificate,
      ALPNProtocols: ["h2", "http/1.1"],
      ...(clientAuthority.length > 0 && {
        ca: clientAuthority,
        requestCert: true,
        rejectUnauthorized: true,
      }),
    },
  });
  const schema = contract.message("ServerCompatResponse");
  const pemCert = Buffer.from(authority?.cert ?? "");
  writeMessage(process.stdout, toBinary(schema, create(schema, { host, port, pemCert })));
}
