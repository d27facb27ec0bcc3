import { setTimeout as sleep } from "node:timers/promises";
import { create, type Message, type MessageInitShape } from "@bufbuild/protobuf";
import { anyPack, anyUnpack } from "@bufbuild/protobuf/wkt";
import { ConnectError, type HandlerContext, type ServiceImpl } from "@connectrpc/connect";
import type {
  Contract,
  ErrorDefinition,
  Header,
  ResponseMetadata,
  StreamDefinition,
  UnaryDefinition,
} from "./contract.ts";

type Service = Contract["service"];
type PayloadInit = { data?: Uint8Array; requestInfo?: RequestInfoInit };
type RequestInfoInit = MessageInitShape<ReturnType<typeof requestInfoSchema>>;

function requestInfoSchema(contract: Contract) {
  return contract.message("ConformancePayload.RequestInfo");
}

/** Implements the service of the suite, as its contract describes each method. */
export function conformanceService(contract: Contract): Partial<ServiceImpl<Service>> {
  const infoOf = (context: HandlerContext, requests: readonly Message[]): RequestInfoInit => {
    const timeoutMs = context.timeoutMs();
    return {
      requestHeaders: [...context.requestHeader].map(([name, value]) => ({ name, value: [value] })),
      ...(timeoutMs !== undefined && { timeoutMs: BigInt(Math.round(timeoutMs)) }),
      requests: requests.map((request) => anyPack(schemaOf(contract, request), request)),
    };
  };

  const answerOnce = async (
    definition: UnaryDefinition | undefined,
    requests: readonly Message[],
    context: HandlerContext,
  ): Promise<{ payload: PayloadInit }> => {
    setMetadata(definition, context);
    await pause(definition?.responseDelayMs ?? 0, context);
    const requestInfo = infoOf(context, requests);
    const { response } = definition ?? {};
    if (response?.case === "error") throw toError(contract, response.value, requestInfo);
    return {
      payload: { requestInfo, ...(response?.case === "responseData" && { data: response.value }) },
    };
  };

  async function* answerEach(
    definition: StreamDefinition | undefined,
    requests: readonly Message[],
    context: HandlerContext,
  ) {
    const { responseData = [], responseDelayMs = 0, error } = definition ?? {};
    for (const [turn, data] of responseData.entries()) {
      await pause(responseDelayMs, context);
      const payload: PayloadInit = { data };
      if (turn === 0) payload.requestInfo = infoOf(context, requests);
      yield { payload };
    }
    if (!error) return;
    throw toError(
      contract,
      error,
      responseData.length === 0 ? infoOf(context, requests) : undefined,
    );
  }

  return {
    unary: (request, context) => answerOnce(request.responseDefinition, [request], context),
    idempotentUnary: (request, context) =>
      answerOnce(request.responseDefinition, [request], context),
    async clientStream(messages, context) {
      const requests = await Array.fromAsync(messages);
      return answerOnce(requests[0]?.responseDefinition, requests, context);
    },
    async *serverStream(request, context) {
      setMetadata(request.responseDefinition, context);
      yield* answerEach(request.responseDefinition, [request], context);
    },
    async *bidiStream(messages, context) {
      let definition: StreamDefinition | undefined;
      let isFullDuplex = false;
      let sent = 0;
      const requests: Message[] = [];
      for await (const request of messages) {
        if (requests.length === 0 && sent === 0) {
          definition = request.responseDefinition;
          isFullDuplex = request.fullDuplex ?? false;
          setMetadata(definition, context);
        }
        requests.push(request);
        if (!isFullDuplex) continue;
        const data = definition?.responseData[sent];
        if (!data) break;
        await pause(definition?.responseDelayMs ?? 0, context);
        const info = infoOf(context, requests.splice(0));
        yield {
          payload: { data, requestInfo: sent === 0 ? info : { requests: info.requests ?? [] } },
        };
        sent += 1;
      }
      if (!isFullDuplex) yield* answerEach(definition, requests, context);
      else yield* answerRest(definition, sent, requests, context);
    },
  };

  /** The responses for which no request has come. */
  async function* answerRest(
    definition: StreamDefinition | undefined,
    sent: number,
    requests: readonly Message[],
    context: HandlerContext,
  ) {
    for (const data of definition?.responseData.slice(sent) ?? []) {
      await pause(definition?.responseDelayMs ?? 0, context);
      yield { payload: { data } };
    }
    if (!definition?.error) return;
    const isImmediate = definition.responseData.length === 0;
    throw toError(contract, definition.error, isImmediate ? infoOf(context, requests) : undefined);
  }
}

function schemaOf(contract: Contract, { $typeName }: Message) {
  return contract.message($typeName.replace("connectrpc.conformance.v1.", ""));
}

function setMetadata(definition: ResponseMetadata | undefined, context: HandlerContext): void {
  appendAll(context.responseHeader, definition?.responseHeaders ?? []);
  appendAll(context.responseTrailer, definition?.responseTrailers ?? []);
}

function appendAll(headers: Headers, values: readonly Header[]): void {
  for (const { name, value } of values) for (const one of value) headers.append(name, one);
}

async function pause(ms: number, { signal }: HandlerContext): Promise<void> {
  if (ms > 0) await sleep(ms, undefined, { signal }).catch(() => signal.throwIfAborted());
}

function toError(
  contract: Contract,
  { code, message, details }: ErrorDefinition,
  info: RequestInfoInit | undefined,
): ConnectError {
  const unpacked = details.flatMap((any) => anyUnpack(any, contract.registry) ?? []);
  const schema = requestInfoSchema(contract);
  return new ConnectError(message ?? "", code, undefined, [
    ...unpacked.map((value) => ({ desc: schemaOf(contract, value), value })),
    ...(info ? [{ desc: schema, value: create(schema, info) }] : []),
  ]);
}
