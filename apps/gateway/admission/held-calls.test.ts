import assert from "node:assert/strict";
import { once } from "node:events";
import { connect } from "node:http2";
import { describe, it } from "node:test";
import { create, toBinary } from "@bufbuild/protobuf";
import { Code, type ConnectError, createClient } from "@connectrpc/connect";
import { CreatePostRequestSchema } from "@plaza/contract/posts/v1/posts";
import { UnsecuredJWT } from "jose";
import { NoteService } from "../testing/note-service.ts";
import { transportOver } from "../testing/protocol-transports.ts";
import { connectRaw } from "../testing/raw-socket.ts";
import { lastCall, serveRecordingNotes, until } from "../testing/recording-notes.ts";
import { type TestGateway, testGateway } from "../testing/test-gateway.ts";
import { requireSameCaller } from "./caller-session.ts";

const remote = serveRecordingNotes();

/** Ends all sessions of the account, through the gateway. */
async function logOut(plaza: TestGateway): Promise<void> {
  const headers = { authorization: `Bearer ${plaza.signIn()}`, "content-type": "application/json" };
  const request = { method: "POST", headers, body: "{}" };
  assert.equal((await fetch(`${plaza.url()}/v1/auth:logout`, request)).status, 200);
}

const countOf = ({ calls }: TestGateway, method: string) =>
  calls.filter(({ name }) => name.endsWith(`/${method}`)).length;

/** Resolves once the gateway has authenticated one more call. */
async function whenAdmitted(plaza: TestGateway, send: () => void): Promise<void> {
  const before = countOf(plaza, "ResolveSession");
  send();
  await until(() => countOf(plaza, "ResolveSession") > before);
}

const json = Buffer.from('{"title":"A title","body":"A body"}');
const message = toBinary(
  CreatePostRequestSchema,
  create(CreatePostRequestSchema, { title: "A title", body: "A body" }),
);
const envelope = Buffer.concat([Buffer.alloc(5), message]);
envelope.writeUInt32BE(message.length, 1);

describe("a call whose body arrives after its session has ended", () => {
  const plaza = testGateway();

  for (const [protocol, path, type, body, refusal] of [
    ["REST", "/v1/posts", "application/json", json, /^HTTP\/1\.1 401 /],
    [
      "Connect",
      "/plaza.posts.v1.PostService/CreatePost",
      "application/json",
      json,
      /^HTTP\/1\.1 401 /,
    ],
    [
      "gRPC-Web",
      "/plaza.posts.v1.PostService/CreatePost",
      "application/grpc-web+proto",
      envelope,
      /grpc-status: ?16/,
    ],
  ] as const) {
    for (const credential of ["authorization: Bearer ", "cookie: plaza_session="]) {
      it(`is refused: ${protocol}, ${credential.split(":")[0]}`, async () => {
        const before = countOf(plaza, "CreatePost");
        const raw = await connectRaw(plaza.port());
        const head = [
          `POST ${path} HTTP/1.1`,
          "host: localhost",
          "origin: http://localhost",
          `content-type: ${type}`,
          credential + plaza.signIn(),
          `content-length: ${body.length}`,
        ];
        const send = () => raw.write(`${head.join("\r\n")}\r\n\r\n`);
        await whenAdmitted(plaza, send);
        raw.write(body.subarray(0, 3));
        await logOut(plaza);
        raw.write(body.subarray(3));
        assert.match(
          await raw.readUntil(type === "application/json" ? "\r\n\r\n" : "grpc-status"),
          refusal,
        );
        raw.socket.destroy();
        assert.equal(countOf(plaza, "CreatePost"), before);
      });
    }
  }

  it("is refused: gRPC", async () => {
    const before = countOf(plaza, "CreatePost");
    const session = connect(plaza.url());
    const stream = session.request({
      ":method": "POST",
      ":path": "/plaza.posts.v1.PostService/CreatePost",
      "content-type": "application/grpc",
      authorization: `Bearer ${plaza.signIn()}`,
      te: "trailers",
    });
    stream.write(envelope.subarray(0, 3));
    await logOut(plaza);
    stream.end(envelope.subarray(3));
    const [trailers] = await Promise.race([once(stream, "trailers"), once(stream, "response")]);
    assert.equal(trailers["grpc-status"], String(Code.Unauthenticated));
    session.destroy();
    assert.equal(countOf(plaza, "CreatePost"), before);
  });
});

describe("a stream of requests whose session ends", () => {
  const plaza = testGateway({}, { extraService: { contract: NoteService, transport: remote } });

  for (const protocol of ["Connect over HTTP/2", "gRPC"] as const) {
    it(`takes no later message: ${protocol}`, async () => {
      const client = createClient(NoteService, transportOver(protocol, plaza.url()));
      const { signal } = lastCall;
      async function* notes() {
        yield { board: "1", text: "before" };
        await until(() => lastCall.signal !== signal && lastCall.messageCount === 1);
        await logOut(plaza);
        yield { board: "1", text: "after" };
      }
      const call = client.pin(notes(), { headers: { authorization: `Bearer ${plaza.signIn()}` } });
      await assert.rejects(call, ({ code }: ConnectError) => code === Code.Unauthenticated);
      assert.equal(lastCall.messageCount, 1);
      await until(() => lastCall.signal.aborted);
    });
  }

  for (const held of [0, 1]) {
    it(`takes no message but the ${held} before that: REST`, async () => {
      const { signal } = lastCall;
      const raw = await connectRaw(plaza.port());
      const send = () =>
        raw.write(
          `POST /v1/boards/1:pin HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/x-ndjson\r\n` +
            `authorization: Bearer ${plaza.signIn()}\r\ncontent-length: 100\r\n\r\n`,
        );
      await whenAdmitted(plaza, send);
      if (held > 0) raw.write('{"text":"before"}\n');
      await until(() => lastCall.signal !== signal && lastCall.messageCount === held);
      await logOut(plaza);
      raw.write('{"text":"after"}\n');
      assert.match(await raw.readUntil("\r\n\r\n"), /^HTTP\/1\.1 401 /);
      raw.socket.destroy();
      assert.equal(lastCall.messageCount, held);
      await until(() => lastCall.signal.aborted);
    });
  }
});

describe("requireSameCaller", () => {
  const session = (accountId: string, ...roles: string[]) => ({
    accountId,
    accessToken: new UnsecuredJWT({ roles }).encode(),
    cookieMaxAge: 0,
  });
  const before = session("a", "member", "admin");

  it("accepts another token of the same account with these roles or more", () => {
    requireSameCaller(undefined, undefined);
    requireSameCaller(before, session("a", "admin", "member", "more"));
  });

  for (const [title, now] of [
    ["a caller without a session", undefined],
    ["another account", session("b", "member", "admin")],
    ["an account that has lost a role", session("a", "member")],
  ] as const) {
    it(`refuses ${title}`, () => {
      assert.throws(() => requireSameCaller(before, now), { reason: "INVALID_SESSION" });
    });
  }
});
