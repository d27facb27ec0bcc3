import assert from "node:assert/strict";
import { duplexPair } from "node:stream";
import { describe, it } from "node:test";
import { Code, type ConnectError } from "@connectrpc/connect";
import { Http2Connection } from "../http2/connection.ts";
import { defaultConnectionLimits } from "../http2/connection-limits.ts";
import { ErrorCode, headers, rstStream, settings } from "../testing/frames.ts";
import {
  headerBlock,
  REQUEST,
  RESPONSE,
  responseTrailersFrame,
  TRAILERS,
} from "../testing/messages.ts";
import { ClientCall } from "./client-call.ts";

const timeoutMs = 20;

/** The code of a call for which these frames come in the turn in which its deadline passes, ahead of its timer. */
async function codeAtDeadline(frames: Buffer, isLate: boolean): Promise<Code | undefined> {
  const [near, far] = duplexPair();
  far.resume().write(settings());
  const connection = new Http2Connection(near, {
    role: "client",
    limits: defaultConnectionLimits,
    onClose: () => undefined,
  });
  const { promise, resolve } = Promise.withResolvers<ConnectError | undefined>();
  const stream = connection.openStream();
  const listener = {
    onHeaders: () => undefined,
    onBytes: () => undefined,
    onDrain: () => undefined,
    onEnd: resolve,
  };
  const call = new ClientCall(stream, listener, 100, undefined, isLate ? timeoutMs : 60_000);
  stream.sendHeaders(REQUEST.flat());
  for (const end = performance.now() + timeoutMs; performance.now() < end; );
  // What is written now is read before any timer is looked at.
  far.write(frames);
  const error = await promise;
  call.cancel(error as ConnectError);
  connection.destroy();
  return error?.code;
}

const failure = (code: Code): Buffer =>
  responseTrailersFrame(1, [...RESPONSE, ["grpc-status", String(code)]]);
const success = Buffer.concat([
  headers(1, headerBlock(RESPONSE)),
  responseTrailersFrame(1, TRAILERS),
]);

describe("a call whose deadline passes as its end comes", () => {
  const ends: readonly (readonly [
    what: string,
    frames: Buffer,
    late: Code | undefined,
    early: Code | undefined,
  ])[] = [
    ["CANCEL", rstStream(1, ErrorCode.CANCEL), Code.DeadlineExceeded, Code.Canceled],
    ["NO_ERROR", rstStream(1, ErrorCode.NO_ERROR), Code.DeadlineExceeded, Code.Internal],
    [
      "REFUSED_STREAM",
      rstStream(1, ErrorCode.REFUSED_STREAM),
      Code.DeadlineExceeded,
      Code.Unavailable,
    ],
    ["trailers with CANCELLED", failure(Code.Canceled), Code.DeadlineExceeded, Code.Canceled],
    ["trailers with NOT_FOUND", failure(Code.NotFound), Code.NotFound, Code.NotFound],
    ["a whole response", success, undefined, undefined],
  ];
  for (const [what, frames, late, early] of ends) {
    it(`ends as its own deadline says, not the server's clock: ${what}`, async () => {
      assert.equal(await codeAtDeadline(frames, true), late);
      assert.equal(await codeAtDeadline(frames, false), early);
    });
  }
});
