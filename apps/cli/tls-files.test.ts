import assert from "node:assert/strict";
import { X509Certificate } from "node:crypto";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, it, mock } from "node:test";
import { connect } from "node:tls";
import { Code, type ConnectError, createClient } from "@connectrpc/connect";
import { Health } from "@plaza/grpc/health";
import { createGrpcTransport, type GrpcTransport } from "@plaza/grpc/transport";
import { readConfig } from "@plaza/kit/config";
import { OperatorError } from "@plaza/kit/errors/operator-error";
import { openTlsFiles, type TlsCredentials, type TlsFiles } from "@plaza/kit/identity/tls-files";
import { type GrpcServer, serveGrpc } from "@plaza/kit/runtime/grpc-server";
import { createStreamLogger } from "@plaza/kit/telemetry/log";
import { issueCertificates } from "./certificate-files.ts";

const names = ["posts", "users"];
const nothing = {
  contracts: [],
  readinessProblems: async () => [],
  routes: () => undefined,
  closeStreams: () => undefined,
};
const [info, error] = [30, 50];

let folder: string;
let levels: number[];
let opened: TlsFiles[];

beforeEach(async () => {
  mock.timers.enable({ apis: ["setInterval"] });
  folder = mkdtempSync(path.join(tmpdir(), "plaza-certs-"));
  levels = [];
  opened = [];
  await issueCertificates(folder, names);
});
afterEach(() => {
  for (const files of opened) files.close();
  rmSync(folder, { recursive: true });
  mock.timers.reset();
});

const at = (file: string) => path.join(folder, file);
const read = (file: string) => readFileSync(at(file), "utf8");

/** Opens the TLS files of a process. */
function open(name: string): TlsFiles {
  const config = readConfig({
    PLAZA_TLS_CA: at("ca.crt"),
    PLAZA_TLS_CERT: at(`${name}.crt`),
    PLAZA_TLS_KEY: at(`${name}.key`),
  });
  const log = createStreamLogger({ write: (line) => void levels.push(JSON.parse(line).level) });
  const files = openTlsFiles(config, log);
  assert.ok(files);
  opened.push(files);
  return files;
}

/** Lets a process poll its files a number of times. */
const pollFiles = (times: number) => mock.timers.tick(times * 10_000);
const serialOf = ({ cert }: Pick<TlsCredentials, "cert">) => new X509Certificate(cert).serialNumber;

describe("a server and a client whose certificates are renewed by a new authority", () => {
  let server: GrpcServer;
  let transports: GrpcTransport[];

  beforeEach(async () => {
    transports = [];
    server = await serveGrpc(nothing, { port: 0, host: "127.0.0.1", tls: open("posts").current });
  });
  afterEach(async () => {
    for (const transport of transports) transport.close();
    await server.close();
  });

  function client(tls: () => TlsCredentials) {
    const transport = createGrpcTransport({ address: `https://127.0.0.1:${server.port}`, tls });
    transports.push(transport);
    return createClient(Health, transport);
  }

  async function shownSerial(tls: TlsCredentials): Promise<string | undefined> {
    const socket = connect({ ...tls, port: server.port, host: "127.0.0.1", servername: "" });
    await once(socket, "secureConnect");
    const serial = socket.getPeerX509Certificate()?.serialNumber;
    socket.destroy();
    return serial;
  }

  it("keep their connection, and open new ones with the new certificates", async () => {
    const users = open("users");
    const before = users.current();
    const lasting = client(() => before);
    await lasting.check({});
    const old = serialOf({ cert: read("posts.crt") });
    assert.equal(await shownSerial(before), old);

    await issueCertificates(at("next"), names);
    const ofNext = { ...before, cert: read("next/users.crt"), key: read("next/users.key") };
    const isRefused = ({ code }: ConnectError) => code === Code.Unavailable;
    await assert.rejects(client(() => ofNext).check({}), isRefused);

    writeFileSync(at("ca.crt"), read("ca.crt") + read("next/ca.crt"));
    pollFiles(2);
    assert.equal(await shownSerial(users.current()), old);
    for (const file of ["posts.crt", "posts.key", "users.crt", "users.key"]) {
      writeFileSync(at(file), read(`next/${file}`));
    }
    pollFiles(2);
    assert.equal(await shownSerial(users.current()), serialOf({ cert: read("next/posts.crt") }));
    assert.equal(serialOf(users.current()), serialOf({ cert: read("next/users.crt") }));
    await client(users.current).check({});
    await lasting.check({});
    await assert.rejects(client(() => before).check({}), isRefused);
    assert.deepEqual(levels, [info, info, info, info]);
  });
});

const truncated = (text: string) => text.slice(0, text.length / 2);
const broken = [
  { what: "a certificate without its key", file: "posts.crt", text: () => read("users.crt") },
  { what: "half a certificate", file: "posts.crt", text: () => truncated(read("posts.crt")) },
  { what: "an empty certificate", file: "posts.crt", text: () => "" },
  { what: "an empty key", file: "posts.key", text: () => "" },
  { what: "a key that cannot be read", file: "posts.key", text: () => undefined },
  { what: "an empty file of authorities", file: "ca.crt", text: () => "" },
  { what: "a file of no authorities", file: "ca.crt", text: () => "none" },
  {
    what: "a file with an authority and a half",
    file: "ca.crt",
    text: () => read("ca.crt") + truncated(read("ca.crt")),
  },
];

describe("TLS files", () => {
  for (const { what, file, text } of broken) {
    const put = () => {
      const next = text();
      if (next === undefined) rmSync(at(file));
      else writeFileSync(at(file), next);
    };

    it(`are not reloaded with ${what}, which is logged once, until they are repaired`, () => {
      const files = open("posts");
      const [before, whole] = [files.current(), read(file)];
      put();
      pollFiles(4);
      assert.equal(files.current(), before);
      assert.deepEqual(levels, [error]);
      writeFileSync(at(file), whole);
      pollFiles(2);
      assert.deepEqual(files.current(), before);
      assert.deepEqual(levels, [error, info]);
    });

    it(`prevent the start with ${what}`, () => {
      put();
      assert.throws(() => open("posts"), OperatorError);
    });
  }

  it("are reloaded together when they are written one after the other", async () => {
    const files = open("posts");
    const before = files.current();
    await issueCertificates(at("next"), names);
    pollFiles(1);
    for (const file of ["posts.key", "posts.crt"]) {
      writeFileSync(at(file), read(`next/${file}`));
      pollFiles(1);
      assert.equal(files.current(), before);
    }
    pollFiles(1);
    assert.equal(files.current().key, read("next/posts.key"));
    assert.deepEqual(levels, [info]);
  });

  it("are the same object until they change", () => {
    const files = open("posts");
    const before = files.current();
    pollFiles(3);
    assert.equal(files.current(), before);
    assert.deepEqual(levels, []);
  });

  it("are not read after close", async () => {
    const files = open("posts");
    const before = files.current();
    files.close();
    await issueCertificates(folder, names);
    pollFiles(3);
    assert.equal(files.current(), before);
  });

  it("must all be set, or none", () => {
    const log = createStreamLogger({ write: () => undefined });
    assert.equal(openTlsFiles(readConfig({}), log), undefined);
    const some = readConfig({ PLAZA_TLS_CA: at("ca.crt"), PLAZA_TLS_KEY: at("posts.key") });
    assert.throws(
      () => openTlsFiles(some, log),
      /^OperatorError: PLAZA_TLS_CERT must be set too\.$/,
    );
  });
});
