import type { Client, Code } from "@connectrpc/connect";
import type { TestService } from "../gen/grpc/testing/test_pb.ts";
import { connectionError, type ErrorName, type ScriptStep } from "../testing/script.ts";

/** A client of the service of the gRPC interoperability tests. */
export type TestServiceClient = Client<typeof TestService>;

/** How a call ends; "settles" where the RFC leaves open whether it may be sent again. */
export type ExpectedOutcome = "succeeds" | "fails" | "settles" | Code;

/** What a client does when a server, played by the test, sends these frames. */
export type ClientCase = {
  /** Section of RFC 9113 or, behind "hpack", of RFC 7541, and place in the section. */
  readonly id: string;
  /** The end of a sentence that begins with "The client". */
  readonly must: string;
  /**
   * What the server sends first. The steps then begin at once. Without it, it sends empty SETTINGS,
   * and the steps begin when settings are acknowledged and a whole call has come on stream 1.
   */
  readonly serverPreface?: Uint8Array;
  /** What is called; one EmptyCall when it is left out. */
  readonly call?: (client: TestServiceClient) => Promise<unknown>;
  readonly steps: readonly ScriptStep[];
  readonly outcome: ExpectedOutcome;
};

/** A case in which these frames are an error of the connection, which the call does not survive. */
export function connectionErrorCase(
  section: string,
  what: string,
  code: ErrorName,
  frames: readonly Uint8Array[],
): ClientCase {
  const steps = [...frames, connectionError(code)];
  return { id: `client/${section}`, must: `refuses ${what}`, steps, outcome: "fails" };
}

/** Two calls, the second when the first has ended. */
export async function twoCalls(client: TestServiceClient): Promise<void> {
  await client.emptyCall({});
  await client.emptyCall({});
}
