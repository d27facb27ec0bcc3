import assert from "node:assert/strict";
import { type Code, ConnectError, type Transport } from "@connectrpc/connect";
import type { Payload } from "../gen/grpc/testing/messages_pb.ts";
import type { RecordingRelay } from "./recording-relay.ts";

/** What a client can do beyond what every case needs. */
export type ClientTraits = {
  /** It compresses each message or not as the case says, not all messages of a connection alike. */
  readonly compressesPerMessage: boolean;
  /** It can tell a server not to compress replies. */
  readonly canDeclineCompression: boolean;
};

/** What a server can do beyond what every case needs. */
export type ServerTraits = {
  /** It compresses each reply or not as the request says, not whenever the client accepts gzip. */
  readonly compressesPerMessage: boolean;
  /** It refuses an uncompressed request that claims to be compressed. */
  readonly checksCompression: boolean;
};

/** What a case runs on. */
export type InteropCaseContext = {
  /** Sends no compressed messages, and refuses them if it can. */
  readonly plain: Transport;
  /** Sends compressed messages, and accepts them. */
  readonly gzip: Transport;
  readonly client: ClientTraits;
  readonly server: ServerTraits;
  readonly relay: RecordingRelay;
};

/** Resolves when the implementations under test pass. */
export type InteropCase = (setting: InteropCaseContext) => Promise<void>;

export function zeroPayload(size: number) {
  return { body: new Uint8Array(size) };
}

/** Asserts that a payload is the requested number of zeros. */
export function assertZeros(payload: Payload | undefined, size: number) {
  assert.equal(payload?.body.length, size);
  assert.ok(payload.body.every((byte) => byte === 0));
}

/** Reads a stream to its end. */
export async function collectMessages<T>(messages: AsyncIterable<T>): Promise<T[]> {
  return Array.fromAsync(messages);
}

/** Asserts that a call ends with a status; its message too, if one is given. */
export async function assertFailsWith(call: Promise<unknown>, code: Code, message?: string) {
  const error = await call.then(
    () => assert.fail("the call succeeded"),
    (reason: unknown) => reason,
  );
  if (!(error instanceof ConnectError)) throw error;
  assert.equal(error.code, code, error.message);
  if (message !== undefined) assert.equal(error.rawMessage, message);
}
