import assert from "node:assert/strict";
import { Code, ConnectError } from "@connectrpc/connect";
import { ErrorInfoSchema } from "@plaza/contract/google/rpc/error_details";
import { reasonOf } from "../rpc/error-mapping.ts";

/**
 * Asserts that a call fails with this status code and reason, and a message in the form of all messages; returns the
 * error.
 */
export async function assertRefused(
  call: Promise<unknown>,
  code: Code,
  reason: string,
): Promise<ConnectError> {
  const error = await call.then(
    () => new assert.AssertionError({ message: `succeeded instead of failing with ${reason}` }),
    (err: unknown) => err,
  );
  if (!(error instanceof ConnectError)) throw error;
  const actual = { code: Code[error.code], reason: reasonOf(error) };
  assert.deepEqual(actual, { code: Code[code], reason });
  assert.match(error.rawMessage, messagePattern);
  return error;
}

// As in PostgreSQL, gRPC and Connect: in lower case, without a full stop.
const messagePattern = /^[^\p{Lu}\s].*[^.\s]$/su;

/** The metadata of a refusal: the facts beside its reason. */
export function metadataOf(error: ConnectError): Readonly<Record<string, string>> {
  return error.findDetails(ErrorInfoSchema)[0]?.metadata ?? {};
}
