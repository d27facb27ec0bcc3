import type { Transport } from "@connectrpc/connect";
import {
  createConnectTransport,
  createGrpcTransport,
  createGrpcWebTransport,
} from "@connectrpc/connect-node";

const transportsByProtocol = {
  "Connect over HTTP/1.1": (baseUrl: string) =>
    createConnectTransport({ baseUrl, httpVersion: "1.1" }),
  "Connect over HTTP/2": (baseUrl: string) => createConnectTransport({ baseUrl, httpVersion: "2" }),
  "Connect with GET": (baseUrl: string) =>
    createConnectTransport({ baseUrl, httpVersion: "1.1", useHttpGet: true }),
  "gRPC-Web": (baseUrl: string) => createGrpcWebTransport({ baseUrl, httpVersion: "1.1" }),
  "gRPC-Web over HTTP/2": (baseUrl: string) =>
    createGrpcWebTransport({ baseUrl, httpVersion: "2" }),
  gRPC: (baseUrl: string) => createGrpcTransport({ baseUrl }),
  "gRPC with JSON": (baseUrl: string) => createGrpcTransport({ baseUrl, useBinaryFormat: false }),
};

/** A protocol in which RPCs can be made, by the name that test titles give it. */
export type RpcProtocol = keyof typeof transportsByProtocol;

/** All of them. */
export const rpcProtocols = Object.keys(transportsByProtocol) as RpcProtocol[];

/** Those in which both sides of a call can be streams at the same time. */
export const duplexProtocols = [
  "Connect over HTTP/2",
  "gRPC-Web over HTTP/2",
  "gRPC",
  "gRPC with JSON",
] as const;

/** One protocol of each kind, over the version of HTTP in which it mostly comes. */
export const mainRpcProtocols = ["Connect over HTTP/1.1", "gRPC-Web", "gRPC"] as const;

/** A client transport that speaks the protocol. */
export function transportOver(protocol: RpcProtocol, baseUrl: string): Transport {
  return transportsByProtocol[protocol](baseUrl);
}
