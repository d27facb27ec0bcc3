import { readFileSync } from "node:fs";
import {
  createFileRegistry,
  type DescMessage,
  fromBinary,
  type Message,
  type Registry,
} from "@bufbuild/protobuf";
import type { GenMessage, GenService } from "@bufbuild/protobuf/codegenv2";
import { type Any, FileDescriptorSetSchema } from "@bufbuild/protobuf/wkt";

/** The values of a header or trailer. */
export type Header = Message<"connectrpc.conformance.v1.Header"> & {
  name: string;
  value: string[];
};

/** How a call is to fail. */
export type ErrorDefinition = Message<"connectrpc.conformance.v1.Error"> & {
  code: number;
  message?: string;
  details: Any[];
};

/** The part of a response definition that all calls have. */
export type ResponseMetadata = {
  responseHeaders: Header[];
  responseTrailers: Header[];
  /** How long to wait before each response. */
  responseDelayMs: number;
};

/** What to answer with one message. */
export type UnaryDefinition = Message<"connectrpc.conformance.v1.UnaryResponseDefinition"> &
  ResponseMetadata & {
    response:
      | { case: "responseData"; value: Uint8Array }
      | { case: "error"; value: ErrorDefinition }
      | { case: undefined; value?: undefined };
  };

/** What to answer with a stream. */
export type StreamDefinition = Message<"connectrpc.conformance.v1.StreamResponseDefinition"> &
  ResponseMetadata & {
    responseData: Uint8Array[];
    error?: ErrorDefinition;
  };

/** A request of any method; bidirectional ones say whether they take turns. */
type Request<N extends string, D> = Message<`connectrpc.conformance.v1.${N}`> & {
  responseDefinition?: D;
  fullDuplex?: boolean;
};

/** Answers what the server has received, beside the data that it is to send. */
export type Payload = Message<"connectrpc.conformance.v1.ConformancePayload"> & {
  data: Uint8Array;
  requestInfo?: RequestInfo;
};

/** What the server has received. */
export type RequestInfo = Message<"connectrpc.conformance.v1.ConformancePayload.RequestInfo"> & {
  requestHeaders: Header[];
  timeoutMs?: bigint;
  requests: Any[];
};

type Response<N extends string> = Message<`connectrpc.conformance.v1.${N}`> & { payload?: Payload };

type Method<N extends string, D, K> = {
  input: GenMessage<Request<`${N}Request`, D>>;
  output: GenMessage<Response<`${N}Response`>>;
  methodKind: K;
};

/** What the suite starts a server with. */
export type ServerRequest = Message<"connectrpc.conformance.v1.ServerCompatRequest"> & {
  useTls: boolean;
  clientTlsCert: Uint8Array;
  messageReceiveLimit: number;
};

/** Where a server listens. */
export type ServerResponse = Message<"connectrpc.conformance.v1.ServerCompatResponse"> & {
  host: string;
  port: number;
  pemCert: Uint8Array;
};

/** A call that a client is to make. */
export type ClientRequest = Message<"connectrpc.conformance.v1.ClientCompatRequest"> & {
  testName: string;
  compression: number;
  host: string;
  port: number;
  serverTlsCert: Uint8Array;
  clientTlsCreds?: { cert: Uint8Array; key: Uint8Array };
  messageReceiveLimit: number;
  method: string;
  streamType: number;
  requestHeaders: Header[];
  requestMessages: Any[];
  timeoutMs?: number;
  requestDelayMs: number;
  cancel?: {
    cancelTiming:
      | { case: "beforeCloseSend"; value: unknown }
      | { case: "afterCloseSendMs" | "afterNumResponses"; value: number }
      | { case: undefined; value?: undefined };
  };
};

/** How a call went. */
export type ClientResponse = Message<"connectrpc.conformance.v1.ClientCompatResponse"> & {
  testName: string;
  result:
    | { case: "response"; value: ClientResult }
    | {
        case: "error";
        value: Message<"connectrpc.conformance.v1.ClientErrorResult"> & { message: string };
      };
};

/** What a client has received. */
export type ClientResult = Message<"connectrpc.conformance.v1.ClientResponseResult"> & {
  responseHeaders: Header[];
  payloads: Payload[];
  error?: ErrorDefinition;
  responseTrailers: Header[];
  numUnsentRequests: number;
};

/** What the suite and the adapters say to each other, by the names of the contract. */
export type Contract = {
  readonly registry: Registry;
  readonly service: GenService<{
    unary: Method<"Unary", UnaryDefinition, "unary">;
    idempotentUnary: Method<"IdempotentUnary", UnaryDefinition, "unary">;
    unimplemented: Method<"Unimplemented", undefined, "unary">;
    clientStream: Method<"ClientStream", UnaryDefinition, "client_streaming">;
    serverStream: Method<"ServerStream", StreamDefinition, "server_streaming">;
    bidiStream: Method<"BidiStream", StreamDefinition, "bidi_streaming">;
  }>;
  message(name: "ConformancePayload"): GenMessage<Payload>;
  message(name: "ConformancePayload.RequestInfo"): GenMessage<RequestInfo>;
  message(name: "ServerCompatRequest"): GenMessage<ServerRequest>;
  message(name: "ServerCompatResponse"): GenMessage<ServerResponse>;
  message(name: "ClientCompatRequest"): GenMessage<ClientRequest>;
  message(name: "ClientCompatResponse"): GenMessage<ClientResponse>;
  message(name: string): DescMessage;
};

/** Loads the contract of the suite, version 1, from the set of descriptors that `build` has made. */
export function loadContract(file: string): Contract {
  const set = fromBinary(FileDescriptorSetSchema, readFileSync(file));
  const registry = createFileRegistry(set);
  const message = (name: string) => found(registry.getMessage(`connectrpc.conformance.v1.${name}`));
  return {
    registry,
    service: found(registry.getService("connectrpc.conformance.v1.ConformanceService")),
    message,
  } as unknown as Contract;
}

function found<T>(desc: T | undefined): T {
  if (!desc) throw new Error("the contract of the suite lacks what the adapters need");
  return desc;
}
