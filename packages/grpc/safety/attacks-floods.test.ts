import { after, before, describe, it } from "node:test";
import { setImmediate as turn } from "node:timers/promises";
import {
  continuation,
  data,
  ErrorCode,
  Flag,
  frame,
  goaway,
  headers,
  ping,
  priority,
  rstStream,
  settings,
  settingsAck,
  windowUpdate,
} from "../testing/frames.ts";
import {
  EMPTY_MESSAGE,
  headerBlock,
  openRequest,
  REQUEST,
  replaceField,
  request,
} from "../testing/messages.ts";
import { connectionError, type ErrorName } from "../testing/script.ts";
import { startTestServer, type TestClient, type TestServiceServer } from "../testing/server.ts";
import { assertNoUncaughtErrors } from "../testing/uncaught-errors.ts";

type Flood = {
  /** The end of a sentence that begins with "The server ends a connection that sends too many". */
  readonly what: string;
  /** What must come less often than this. */
  readonly most: number;
  readonly before?: Buffer;
  /** The n-th of them, `n` from 0. */
  readonly one: (n: number) => Buffer;
  /** How the connection ends: ENHANCE_YOUR_CALM unless given. */
  readonly code?: ErrorName;
};

const idOf = (n: number) => 2 * n + 1;
const malformed = headerBlock([...REQUEST, ["connection", "close"]]);
const clientStream = headerBlock(
  replaceField(REQUEST, ":path", "/grpc.testing.TestService/StreamingInputCall"),
);
const resets = 1_100;

const floods: readonly Flood[] = [
  { what: "SETTINGS", most: 1_100, one: () => settings() },
  { what: "PINGs", most: 1_100, one: () => ping("attack!!") },
  { what: "answers to PINGs that it never sent", most: 12_000, one: () => ping("12345678", 1) },
  { what: "acknowledgements of its SETTINGS", most: 12_000, one: () => settingsAck },
  {
    what: "GOAWAYs",
    most: 1_100,
    before: openRequest(1),
    one: () => goaway(0, ErrorCode.NO_ERROR),
  },
  { what: "PRIORITY frames", most: 12_000, one: () => priority(1) },
  { what: "unknown frames", most: 12_000, one: () => frame(200, 0, 0) },
  {
    what: "small WINDOW_UPDATEs of the connection",
    most: 12_000,
    one: () => windowUpdate(0, 1),
  },
  {
    what: "small WINDOW_UPDATEs of a stream",
    most: 12_000,
    before: openRequest(1),
    one: () => windowUpdate(1, 1),
  },
  {
    what: "empty DATA frames",
    most: 1_100,
    before: openRequest(1),
    one: () => data(1, Buffer.of()),
  },
  {
    what: "DATA frames of padding alone",
    most: 1_100,
    before: openRequest(1),
    one: () => data(1, Buffer.alloc(1), Flag.PADDED),
  },
  {
    what: "streams that it opens and resets (rapid reset, CVE-2023-44487)",
    most: resets,
    one: (n) => Buffer.concat([openRequest(idOf(n)), rstStream(idOf(n), ErrorCode.CANCEL)]),
  },
  {
    what: "whole calls that it resets while their handlers run",
    most: resets,
    one: (n) => Buffer.concat([request(idOf(n)), rstStream(idOf(n), ErrorCode.CANCEL)]),
  },
  {
    what: "resets of one stream",
    most: resets,
    before: openRequest(1),
    one: () => rstStream(1, ErrorCode.CANCEL),
  },
  {
    what: "streams made to be reset by WINDOW_UPDATEs of 0 (CVE-2025-8671)",
    most: resets,
    one: (n) => Buffer.concat([openRequest(idOf(n)), windowUpdate(idOf(n), 0)]),
  },
  {
    what: "streams made to be reset by too large a window",
    most: resets,
    one: (n) => Buffer.concat([openRequest(idOf(n)), windowUpdate(idOf(n), 2 ** 31 - 1)]),
  },
  {
    what: "streams made to be reset by PRIORITY of the wrong size",
    most: resets,
    one: (n) => Buffer.concat([openRequest(idOf(n)), priority(idOf(n), Buffer.alloc(4))]),
  },
  {
    what: "streams made to be reset by malformed requests",
    most: resets,
    one: (n) => headers(idOf(n), malformed),
  },
  {
    what: "streams made to be reset by malformed trailers",
    most: resets,
    one: (n) =>
      Buffer.concat([
        headers(idOf(n), clientStream),
        headers(
          idOf(n),
          headerBlock([["connection", "close"]]),
          Flag.END_HEADERS | Flag.END_STREAM,
        ),
      ]),
  },
  {
    what: "streams made to be reset by DATA that content-length does not promise",
    most: resets,
    one: (n) =>
      Buffer.concat([
        openRequest(idOf(n), [...REQUEST, ["content-length", "0"]]),
        data(idOf(n), EMPTY_MESSAGE, Flag.END_STREAM),
      ]),
  },
  {
    what: "streams above the number that may be open",
    most: 1_000 + resets,
    one: (n) => openRequest(idOf(n)),
  },
  {
    what: "CONTINUATIONs without an end (CVE-2024-27316)",
    most: 12,
    before: headers(1, headerBlock(REQUEST), 0),
    one: () => continuation(1, Buffer.alloc(1), 0),
  },
  {
    what: "HEADERS on a stream that it has reset",
    most: 12_000,
    before: Buffer.concat([openRequest(1), windowUpdate(1, 0)]),
    one: () => headers(1, headerBlock([])),
  },
  {
    what: "bytes on a stream that it has reset",
    most: 5,
    before: Buffer.concat([openRequest(1), windowUpdate(1, 0)]),
    one: () => data(1, Buffer.alloc(16_384)),
    code: "FLOW_CONTROL_ERROR",
  },
];

describe("the server closes a connection that sends too many", () => {
  let test: TestServiceServer;
  let bystander: TestClient;
  before(async () => {
    test = await startTestServer({}, { emptyCall: () => turn({}) });
    bystander = test.createClient();
  });
  after(async () => {
    await test.close();
    assertNoUncaughtErrors();
  });

  for (const { what, most, before: first = Buffer.of(), one, code } of floods) {
    it(`${what}, and serves others meanwhile`, async () => {
      const peer = await test.connectPeer();
      const calls = Array.from({ length: 20 }, () => bystander.emptyCall({}));
      peer.write(Buffer.concat([first, ...Array.from({ length: most }, (_, n) => one(n))]));
      await connectionError(code ?? "ENHANCE_YOUR_CALM")(peer);
      await Promise.all(calls);
    });
  }
});
