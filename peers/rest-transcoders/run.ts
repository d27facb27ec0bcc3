// Sends every request to Plaza's transcoder, grpc-gateway and vanguard, and compares the answers. A difference that
// differences.tsv does not list, and one that it lists and is none, fails. `--write` lists what differs now.
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { type AddressInfo, connect } from "node:net";
import { createInterface } from "node:readline";
import { isDeepStrictEqual } from "node:util";
import { createFileRegistry, fromBinary } from "@bufbuild/protobuf";
import { FileDescriptorSetSchema } from "@bufbuild/protobuf/wkt";
import { createGrpcTransport } from "@plaza/grpc/transport";
import { createRequestListener } from "@plaza/rest/node";
import { createTranscoder, transportInvoker } from "@plaza/rest/transcoder";
import { type Answer, parseAnswer, summaryOf } from "./answer.ts";
import { type PeerRequest, requests } from "./requests.ts";

const peers = ["grpc-gateway", "vanguard"] as const;
type Peer = (typeof peers)[number];
type Ports = Readonly<Record<Peer | "backend" | "plaza", number>>;

const [build = "", option] = process.argv.slice(2);
const listFile = new URL("differences.tsv", import.meta.url);
const readmeFile = new URL("../../packages/rest/README.md", import.meta.url);

/** The rule by which two answers differ, by peer, answers and request, as a line has them. */
function readList(): Map<string, string> {
  const lines = readFileSync(listFile, "utf8").split("\n").filter(Boolean);
  return new Map(
    lines.map((line) => {
      const [rule = "", ...rest] = line.split("\t");
      return [rest.join("\t"), rule];
    }),
  );
}

async function start(): Promise<{ ports: Ports; stop: () => void }> {
  const program = spawn(`${build}/transcoders`, { stdio: ["pipe", "pipe", "inherit"] });
  const [line] = (await once(createInterface(program.stdout), "line")) as [string];
  const ports = JSON.parse(line) as Omit<Ports, "plaza">;
  const { server, close } = await startPlaza(ports.backend);
  const plaza = (server.address() as AddressInfo).port;
  return { ports: { ...ports, plaza }, stop: () => stopAll(program, server, close) };
}

function stopAll(program: ChildProcess, server: Server, close: () => void): void {
  program.stdin?.end();
  server.closeAllConnections();
  server.close();
  close();
}

async function startPlaza(backendPort: number): Promise<{ server: Server; close: () => void }> {
  const set = fromBinary(FileDescriptorSetSchema, readFileSync(`${build}/contract.binpb`));
  const registry = createFileRegistry(set);
  const service = registry.getService("peers.v1.ThingService");
  if (!service) throw new Error("the contract has no service");
  const transport = createGrpcTransport({ address: `http://127.0.0.1:${backendPort}` });
  const transcoder = createTranscoder({
    services: [service],
    registry,
    ...transportInvoker(transport),
  });
  const server = createServer(createRequestListener(transcoder));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return { server, close: transport.close };
}

/** Sends the request as it is written, which no client library does, on a connection of its own. */
async function ask(port: number, { method, target, headers, body }: PeerRequest): Promise<Answer> {
  const bytes = Buffer.from(body);
  const lines = [
    `${method} ${target} HTTP/1.1`,
    "host: peers.example",
    "connection: close",
    ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
    ...(bytes.length > 0 || /^(POST|PUT|PATCH)$/.test(method)
      ? [`content-length: ${bytes.length}`]
      : []),
  ];
  const socket = connect(port, "127.0.0.1");
  socket.write(Buffer.from(`${lines.join("\r\n")}\r\n\r\n`, "latin1"));
  socket.write(bytes);
  const chunks: Buffer[] = [];
  try {
    for await (const chunk of socket) chunks.push(chunk as Buffer);
  } catch {
    // What came before a reset counts.
  }
  return parseAnswer(Buffer.concat(chunks), method);
}

/** What differs between the answers to one request: a line for each peer. */
async function differencesOf(request: PeerRequest, ports: Ports): Promise<string[]> {
  const plaza = await ask(ports.plaza, request);
  const answers = await Promise.all(peers.map((peer) => ask(ports[peer], request)));
  return peers.flatMap((peer, i) => {
    const answer = answers[i] as Answer;
    // Vanguard, and Go's own server, refuse in plain text what reaches no method.
    const other = { ...answer, code: answer.code ?? plaza.code };
    if (isDeepStrictEqual(plaza, other)) return [];
    const name = JSON.stringify(request.name).slice(1, -1);
    return [[peer, summaryOf(plaza, other), summaryOf(other, plaza), name].join("\t")];
  });
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

const known = readList();
const { ports, stop } = await start();
const found: string[] = [];
for (const request of requests) found.push(...(await differencesOf(request, ports)));
stop();

if (option === "--write") {
  const lines = found.map((line) => `${known.get(line) ?? "?"}\t${line}\n`);
  writeFileSync(listFile, lines.sort().join(""));
  process.exit(0);
}
const unlisted = found.filter((line) => !known.has(line));
const gone = [...known.keys()].filter((line) => !found.includes(line));
const readme = readFileSync(readmeFile, "utf8");
const unexplained = [...new Set(known.values())].filter((rule) => !readme.includes(`| ${rule} |`));
for (const line of unlisted) print(`not listed: ${line}`);
for (const line of gone) print(`listed, but does not differ so: ${line}`);
for (const rule of unexplained) print(`not in the README: ${rule}`);
print(
  `${requests.length} requests to ${peers.join(" and ")}: ${found.length} answers differ, ${unlisted.length} of them not as listed`,
);
process.exit(unlisted.length + gone.length + unexplained.length === 0 ? 0 : 1);
