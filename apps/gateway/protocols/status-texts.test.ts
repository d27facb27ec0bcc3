import assert from "node:assert/strict";
import { execFile, spawnSync } from "node:child_process";
import { describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { create, toBinary } from "@bufbuild/protobuf";
import {
  Code,
  ConnectError,
  createClient,
  encodeBinaryHeader,
  type Transport,
} from "@connectrpc/connect";
import * as grpcJs from "@grpc/grpc-js";
import { ErrorInfoSchema } from "@plaza/contract/google/rpc/error_details";
import { GetProductRequestSchema } from "@plaza/contract/shop/v1/products";
import { ShopService } from "@plaza/contract/shop/v1/shop";
import { createGrpcTransport } from "@plaza/grpc/transport";
import { createLocalTransport } from "@plaza/kit/rpc/local-transport";
import { rpcProtocols, transportOver } from "../testing/protocol-transports.ts";
import { testGateway } from "../testing/test-gateway.ts";

const run = promisify(execFile);
const range = (from: number, to: number) =>
  String.fromCharCode(...Array.from({ length: to - from + 1 }, (_, at) => from + at));

const printable = range(0x20, 0x7e);
/** Texts, and what clients read of them. */
const texts: Record<string, readonly [sent: string, read?: string]> = {
  "printable ASCII": [printable],
  "control characters": [`a${range(0, 0x1f)}${range(0x7f, 0x9f)}b`],
  "UTF-8": ["é ß \u2028 中文 💥 \ufeff \uffff"],
  "percent signs": ["100% %41 %zz %"],
  "white space at both ends": [" \t a \r\n "],
  "half a character": ["a\ud83d", "a\ufffd"],
  nothing: [""],
  "300 characters": ["é".repeat(300)],
};
const bytes = Uint8Array.from({ length: 256 }, (_, at) => at);

/** How a client reads a failed call. */
type Status = { code: number; text: string; metadata: Record<string, string> };
type Read = (url: string, name: string) => Promise<Status>;

const request = (name: string) => create(GetProductRequestSchema, { id: name });

function overTransport(open: (url: string) => Transport & { close?(): void }): Read {
  return async (url, name) => {
    const transport = open(url);
    try {
      await createClient(ShopService, transport).getProduct(request(name));
    } catch (error) {
      const { code, rawMessage, metadata, details } = ConnectError.from(error);
      assert.equal(details.length, 1);
      return { code, text: rawMessage, metadata: Object.fromEntries(metadata) };
    } finally {
      transport.close?.();
    }
    throw new Error("the call has not failed");
  };
}

const readers: Record<string, Read> = {
  "@plaza/grpc": overTransport((address) => createGrpcTransport({ address })),
  ...Object.fromEntries(
    rpcProtocols.map((protocol) => [
      `connect-node over ${protocol}`,
      overTransport((url) => transportOver(protocol, url)),
    ]),
  ),
  "grpc-js": (url, name) =>
    new Promise((resolve) => {
      const client = new grpcJs.Client(new URL(url).host, grpcJs.credentials.createInsecure());
      const encode = () => Buffer.from(toBinary(GetProductRequestSchema, request(name)));
      const done = (error: grpcJs.ServiceError | null) => {
        client.close();
        const metadata: Record<string, string> = {};
        for (const [key, value] of Object.entries(error?.metadata.getMap() ?? {})) {
          metadata[key] = Buffer.isBuffer(value) ? value.toString("hex") : value;
        }
        resolve({ code: error?.code ?? 0, text: error?.details ?? "", metadata });
      };
      client.makeUnaryRequest(getProduct, encode, (reply) => reply, null, done);
    }),
};
const getProduct = "/plaza.shop.v1.ShopService/GetProduct";

const python = ["python3", "/usr/bin/python3"].find(
  (path) => spawnSync(path, ["-c", "import grpc"]).status === 0,
);
if (python) {
  readers["grpcio"] = async (url, name) => {
    const hex = Buffer.from(toBinary(GetProductRequestSchema, request(name))).toString("hex");
    const script = fileURLToPath(new URL("status-texts.py", import.meta.url));
    const { stdout } = await run(python, [script, new URL(url).host, getProduct, hex]);
    return JSON.parse(stdout) as Status;
  };
}

describe("the status of a call that a service fails", () => {
  const implementation = {
    getProduct({ id }: { id: string }) {
      const [text] = texts[id] ?? [""];
      const metadata = new Headers({
        "x-text": printable.trim(),
        "x-bytes-bin": encodeBinaryHeader(bytes),
        // What gRPC cannot carry.
        "x-latin": "caf\u00e9",
        "x-control": "a\u0001b",
        "plaza-secret": "nobody's business",
      });
      const error = new ConnectError(text, Code.FailedPrecondition, metadata);
      const value = { reason: "R", domain: text.toWellFormed() };
      error.details.push({ desc: ErrorInfoSchema, value });
      throw error;
    },
  };
  const hosted = { contract: ShopService, implementation: implementation as never };
  const transport = () => createLocalTransport([hosted]);
  const plaza = testGateway({}, { extraService: { contract: ShopService, transport } });

  for (const [client, read] of Object.entries(readers)) {
    it(`is read by ${client} as it was written`, async () => {
      for (const [name, [sent, expected = sent]] of Object.entries(texts)) {
        const { code, text, metadata } = await read(plaza.url(), name);
        assert.equal(code, Code.FailedPrecondition, name);
        assert.equal(text, expected, name);
        assert.equal(metadata["x-text"], printable.trim(), name);
        const binary = metadata["x-bytes-bin"] ?? "";
        const encoding = /^[\da-f]+$/.test(binary) ? "hex" : "base64";
        assert.deepEqual(new Uint8Array(Buffer.from(binary, encoding)), bytes, name);
        for (const hidden of ["x-latin", "x-control", "plaza-secret"]) {
          assert.equal(metadata[hidden], undefined, hidden);
        }
      }
    });
  }

  it("is read over REST as it was written", async () => {
    for (const [name, [sent, expected = sent]] of Object.entries(texts)) {
      const url = `${plaza.url()}/v1/products/${encodeURIComponent(name)}`;
      const response = await fetch(url);
      assert.equal(((await response.json()) as { message: string }).message, expected, name);
      assert.equal(response.headers.get("x-text"), printable.trim());
    }
  });
});
