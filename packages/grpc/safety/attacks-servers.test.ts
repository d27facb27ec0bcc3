import assert from "node:assert/strict";
import { after, describe, it } from "node:test";
import { gzipSync } from "node:zlib";
import { Code, type ConnectError } from "@connectrpc/connect";
import type { ClientCase, ExpectedOutcome, TestServiceClient } from "../conformance/client-case.ts";
import { runClientCase } from "../conformance/client-suite.ts";
import {
  continuation,
  data,
  ErrorCode,
  Flag,
  FrameType,
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
import { grpcMessage, gzipEncodingFields } from "../testing/malformed-input.ts";
import {
  EMPTY_MESSAGE,
  headerBlock,
  RESPONSE,
  responseHeadersFrame,
  unknownMessage,
  wholeResponse,
} from "../testing/messages.ts";
import { retainedBytes } from "../testing/retained-memory.ts";
import {
  connectionError,
  type ErrorName,
  pingAckWithout,
  requestIsCancelled,
  type ScriptStep,
  streamErrorOnly,
} from "../testing/script.ts";
import { startScriptedServer } from "../testing/scripted-server.ts";
import { createTestClient } from "../testing/server.ts";
import { assertNoUncaughtErrors } from "../testing/uncaught-errors.ts";

const begun = responseHeadersFrame(1);
const interim = responseHeadersFrame(1, [[":status", "103"]]);
const twoMessages = data(1, Buffer.alloc(10));
const fullFrame = data(1, Buffer.alloc(16_384));

/** Plays a server, whose client must be able to make calls again in the end. */
const run = (play: Pick<ClientCase, "call" | "steps" | "outcome">) =>
  runClientCase({ id: "attack", must: "holds", ...play }, createTestClient, { timeoutMs: 10_000 });

type Flood = {
  /** The end of a sentence that begins with "The client ends a connection that sends too many". */
  readonly what: string;
  /** What must come less often than this. */
  readonly most: number;
  readonly before?: Buffer;
  readonly one: Buffer;
  /** How the connection ends: ENHANCE_YOUR_CALM unless given. */
  readonly code?: ErrorName;
  /** How the call ends: UNAVAILABLE unless given. */
  readonly outcome?: ExpectedOutcome;
};

const floods: readonly Flood[] = [
  { what: "SETTINGS", most: 1_100, one: settings() },
  { what: "PINGs", most: 1_100, one: ping("attack!!") },
  { what: "answers to PINGs that it never sent", most: 12_000, one: ping("12345678", 1) },
  { what: "acknowledgements of its SETTINGS", most: 12_000, one: settingsAck },
  { what: "GOAWAYs that let its call go on", most: 1_100, one: goaway(1, ErrorCode.NO_ERROR) },
  { what: "PRIORITY frames", most: 12_000, one: priority(1) },
  { what: "unknown frames", most: 12_000, one: frame(200, 0, 0) },
  { what: "small WINDOW_UPDATEs of the connection", most: 12_000, one: windowUpdate(0, 1) },
  { what: "small WINDOW_UPDATEs of a stream", most: 12_000, one: windowUpdate(1, 1) },
  { what: "empty DATA frames", most: 1_100, before: begun, one: data(1, Buffer.of()) },
  {
    what: "DATA frames of padding alone",
    most: 1_100,
    before: begun,
    one: data(1, Buffer.alloc(1), Flag.PADDED),
  },
  {
    what: "CONTINUATIONs without an end (CVE-2024-27316)",
    most: 12,
    before: headers(1, headerBlock(RESPONSE), 0),
    one: continuation(1, Buffer.alloc(1), 0),
  },
  {
    what: "resets of a call that is over",
    most: 12_000,
    before: wholeResponse(1),
    one: rstStream(1, ErrorCode.CANCEL),
    outcome: "succeeds",
  },
  {
    what: "bytes of a call that is over",
    most: 5,
    before: wholeResponse(1),
    one: fullFrame,
    code: "FLOW_CONTROL_ERROR",
    outcome: "succeeds",
  },
  {
    what: "header blocks of a call that it has reset",
    most: 12_000,
    one: interim,
    outcome: Code.ResourceExhausted,
  },
  {
    what: "bytes of a call that it has reset",
    most: 5,
    before: Buffer.concat([begun, twoMessages]),
    one: fullFrame,
    code: "FLOW_CONTROL_ERROR",
    outcome: Code.Unimplemented,
  },
];

describe("the client closes a connection that sends too many", () => {
  after(assertNoUncaughtErrors);

  for (const flood of floods) {
    const { what, most, before = Buffer.of(), one } = flood;
    const { code = "ENHANCE_YOUR_CALM", outcome = Code.Unavailable } = flood;
    it(`${what}, and goes on with another`, async () => {
      const all = Buffer.concat([before, ...Array.from({ length: most }, () => one)]);
      const call = outcome === Code.Unavailable ? callThatIsToldWhy : callOnce;
      await run({ call, steps: [all, connectionError(code)], outcome });
    });
  }
});

const callOnce = (client: TestServiceClient) => client.emptyCall({});

async function callThatIsToldWhy(client: TestServiceClient): Promise<void> {
  await client.emptyCall({}).catch((error: ConnectError) => {
    assert.match(error.rawMessage, /^the connection was lost: ./);
    throw error;
  });
}

type Excess = {
  /** The end of a sentence that begins with "The client ends a call alone whose server sends". */
  readonly what: string;
  readonly call?: (client: TestServiceClient) => Promise<unknown>;
  readonly steps: readonly ScriptStep[];
  readonly outcome: Code;
};

// 4,000 bytes in the table, and then one byte for each time that they are meant.
const bomb = Buffer.concat([
  Buffer.of(0x40, 1, 0x78, 0x7f, 0xa1, 0x1e),
  Buffer.alloc(4_000, "y"),
  Buffer.alloc(12_000, 0x80 | 62),
]);
const calm = streamErrorOnly(1, "ENHANCE_YOUR_CALM");

const excesses: readonly Excess[] = [
  {
    what: "interim answers without an end",
    steps: [Buffer.concat(Array.from({ length: 11 }, () => interim)), calm],
    outcome: Code.ResourceExhausted,
  },
  {
    what: "headers that decompress to 48 MB",
    steps: [headers(1, bomb), calm],
    outcome: Code.ResourceExhausted,
  },
  {
    what: "trailers that decompress to 48 MB",
    steps: [begun, headers(1, bomb, Flag.END_HEADERS | Flag.END_STREAM), calm],
    outcome: Code.ResourceExhausted,
  },
  {
    what: "a second message where there is one",
    steps: [begun, twoMessages, requestIsCancelled(1)],
    outcome: Code.Unimplemented,
  },
  {
    what: "a second message to a stream of requests",
    async call(client) {
      await client.streamingInputCall((async function* () {})());
    },
    steps: [begun, twoMessages, requestIsCancelled(1)],
    outcome: Code.Unimplemented,
  },
];

describe("the client ends the call only, not the connection, when the server sends", () => {
  after(assertNoUncaughtErrors);

  for (const { what, ...play } of excesses) it(what, () => run(play));
});

describe("a response that nobody reads", () => {
  after(assertNoUncaughtErrors);
  const window = 65_535;
  const large = unknownMessage(2_000_000).subarray(EMPTY_MESSAGE.length);
  const kinds: readonly { readonly what: string; readonly one: Buffer }[] = [
    { what: "empty messages", one: EMPTY_MESSAGE },
    { what: "messages of 2 MB in gzip", one: grpcMessage(1, gzipSync(large)) },
  ];
  for (const { what, one } of kinds) {
    it(`holds one window of ${what}, and what comes beyond it ends the call`, async () => {
      const isSent = Promise.withResolvers<void>();
      let messages = 0;
      async function call(client: TestServiceClient) {
        for await (const _ of client.streamingOutputCall({})) {
          messages += 1;
          await isSent.promise;
        }
      }
      const count = Math.floor(window / one.length);
      const all = Buffer.alloc(window, one);
      const held = await retainedBytes();
      const steps: ScriptStep[] = [
        responseHeadersFrame(1, [...RESPONSE, ...gzipEncodingFields]),
        ...[0, 1, 2, 3].map((n) => data(1, all.subarray(n * 16_384, (n + 1) * 16_384))),
        pingAckWithout(({ type }) => type === FrameType.RST_STREAM, "RST_STREAM"),
        async () => {
          const grown = (await retainedBytes()) - held;
          assert.ok(grown < 4 * 1024 * 1024, `${grown} bytes`);
        },
        data(1, Buffer.of(0)),
        streamErrorOnly(1, "FLOW_CONTROL_ERROR"),
        async () => isSent.resolve(),
      ];
      await run({ call, steps, outcome: Code.Internal });
      assert.equal(messages, count);
    });
  }
});

describe("a server that refuses every call", () => {
  after(assertNoUncaughtErrors);
  const ways: readonly { readonly what: string; readonly refusal: (stream: number) => Buffer }[] = [
    { what: "GOAWAY", refusal: () => goaway(0, ErrorCode.NO_ERROR) },
    { what: "a reset", refusal: (stream) => rstStream(stream, ErrorCode.REFUSED_STREAM) },
  ];
  for (const { what, refusal } of ways) {
    it(`with ${what} is asked four times, and again at the next call`, async () => {
      let calls = 0;
      let isGood = false;
      const server = await startScriptedServer((stream) => {
        calls += 1;
        return isGood ? wholeResponse(stream) : refusal(stream);
      });
      const client = createTestClient(server.address);
      await assert.rejects(client.emptyCall({}), { code: Code.Unavailable });
      assert.equal(calls, 4);
      isGood = true;
      await client.emptyCall({});
      client.transport.close();
      server.close();
    });
  }
});

describe("a server that refuses a call after its response has begun", () => {
  after(assertNoUncaughtErrors);
  const refusals: readonly (readonly [how: string, frame: Buffer])[] = [
    ["with GOAWAY", goaway(0, ErrorCode.NO_ERROR)],
    ["with a reset", rstStream(1, ErrorCode.REFUSED_STREAM)],
  ];
  const calls: readonly (readonly [
    what: string,
    (client: TestServiceClient) => Promise<unknown>,
  ])[] = [
    ["one answer", callOnce],
    ["many answers", (client) => Array.fromAsync(client.streamingOutputCall({}))],
  ];
  for (const [how, frame] of refusals) {
    for (const [what, call] of calls) {
      // What the caller has seen of the answer cannot be taken back.
      it(`${how} ends it, where there is ${what}`, () =>
        run({ call, steps: [begun, frame], outcome: Code.Unavailable }));
    }
  }
});
