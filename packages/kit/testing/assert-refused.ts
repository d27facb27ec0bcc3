import assert from "node:assert/strict";
import { Code, ConnectError } from "@connectrpc/connect";
import { reasonOf } from "../rpc/error-mapping.ts";

/** Asserts that a call is refused with this status and this reason. Answers the error. */
export async function assertRefused(
  call: Promise<unknown>,
  code: Code,
  reason: string,
): Promise<ConnectError> {
  const error = await call.then(
    () => new assert.AssertionError({ message: `answered instead of refusing with ${reason}` }),
    (err: unknown) => err,
  );
  if (!(error instanceof ConnectError)) throw error;
  const refusal = { code: Code[error.code], reason: reasonOf(error) };
  assert.deepEqual(refusal, { code: Code[code], reason });
  return error;
}
