import { setTimeout as sleep } from "node:timers/promises";
import { create, type Message, type MessageInitShape } from "@bufbuild/protobuf";
import type { GenMessage } from "@bufbuild/protobuf/codegenv2";
import { type Any, anyPack, anyUnpack } from "@bufbuild/protobuf/wkt";
import { type CallOptions, ConnectError, createClient, type Transport } from "@connectrpc/connect";
import type { ClientRequest, ClientResult, Contract, Payload } from "./contract.ts";

type ResultInit = MessageInitShape<GenMessage<ClientResult>>;

/** Makes one call as the suite describes it. Resolves with what was received, whether the call failed or not. */
export async function makeCall(
  contract: Contract,
  transport: Transport,
  request: ClientRequest,
): Promise<ResultInit> {
  const call = new ConformanceCall(contract, transport, request);
  return call.run();
}

class ConformanceCall {
  readonly #contract: Contract;
  readonly #request: ClientRequest;
  readonly #client;
  readonly #abort = new AbortController();
  readonly #payloads: Payload[] = [];
  #responseHeaders: Headers | undefined;
  #responseTrailers: Headers | undefined;
  #unsent: number;
  /** Resolves at each response of a call whose sides take turns, and at its end. */
  #turn = Promise.withResolvers<void>();

  constructor(contract: Contract, transport: Transport, request: ClientRequest) {
    this.#contract = contract;
    this.#request = request;
    this.#client = createClient(contract.service, transport);
    this.#unsent = request.requestMessages.length;
  }

  async run(): Promise<ResultInit> {
    let error: ConnectError | undefined;
    try {
      await this.#call();
    } catch (reason) {
      error = ConnectError.from(reason);
    } finally {
      this.#abort.abort();
    }
    return {
      payloads: this.#payloads,
      responseHeaders: toValues(this.#responseHeaders ?? error?.metadata),
      responseTrailers: toValues(this.#responseTrailers ?? error?.metadata),
      numUnsentRequests: error ? this.#unsent : 0,
      ...(error && { error: this.#toDefinition(error) }),
    };
  }

  async #call(): Promise<void> {
    const { method } = this.#request;
    const [first] = this.#request.requestMessages;
    const options = this.#options();
    if (method === "ClientStream") {
      this.#keep(await this.#client.clientStream(this.#requests(), options));
    } else if (method === "BidiStream") {
      await this.#keepEach(this.#client.bidiStream(this.#requests(), options));
    } else {
      this.#unsent = 0;
      await sleep(this.#request.requestDelayMs);
      this.#cancelAfterClose();
      const message = this.#unpack(first) as never;
      if (method === "Unary") this.#keep(await this.#client.unary(message, options));
      else if (method === "IdempotentUnary") {
        this.#keep(await this.#client.idempotentUnary(message, options));
      } else if (method === "Unimplemented") {
        this.#keep(await this.#client.unimplemented(message, options));
      } else if (method === "ServerStream") {
        await this.#keepEach(this.#client.serverStream(message, options));
      } else throw new Error(`there is no method ${method}`);
    }
  }

  #options(): CallOptions {
    const { timeoutMs, requestHeaders } = this.#request;
    const headers = new Headers();
    for (const { name, value } of requestHeaders) {
      for (const one of value) headers.append(name, one);
    }
    return {
      signal: this.#abort.signal,
      headers,
      ...(timeoutMs !== undefined && { timeoutMs }),
      onHeader: (received) => {
        this.#responseHeaders = received;
      },
      onTrailer: (received) => {
        this.#responseTrailers = received;
      },
    };
  }

  async *#requests() {
    const { requestMessages, requestDelayMs, streamType, cancel } = this.#request;
    const isFullDuplex = streamType === 5;
    for (const message of requestMessages) {
      await sleep(requestDelayMs);
      const { promise } = this.#turn;
      this.#unsent -= 1;
      yield this.#unpack(message) as never;
      if (isFullDuplex) await promise;
    }
    if (cancel?.cancelTiming.case === "beforeCloseSend") this.#abort.abort();
    this.#cancelAfterClose();
  }

  #cancelAfterClose(): void {
    const { cancel } = this.#request;
    if (!cancel) return;
    const { cancelTiming } = cancel;
    if (cancelTiming.case === "afterCloseSendMs" || cancelTiming.case === undefined) {
      setTimeout(() => this.#abort.abort(), cancelTiming.value ?? 0);
    }
  }

  async #keepEach(responses: AsyncIterable<{ payload?: Payload }>): Promise<void> {
    const cancelTiming = this.#request.cancel?.cancelTiming;
    try {
      for await (const response of responses) {
        this.#keep(response);
        if (
          cancelTiming?.case === "afterNumResponses" &&
          cancelTiming.value === this.#payloads.length
        ) {
          this.#abort.abort();
        }
        this.#turn.resolve();
        this.#turn = Promise.withResolvers();
      }
    } finally {
      this.#turn.resolve();
    }
  }

  #keep({ payload }: { payload?: Payload }): void {
    const schema = this.#contract.message("ConformancePayload");
    this.#payloads.push(payload ?? create(schema));
  }

  #unpack(any: Any | undefined): Message {
    const message = any && anyUnpack(any, this.#contract.registry);
    if (!message) throw new Error("the suite names a message that its contract lacks");
    return message;
  }

  #toDefinition({ code, rawMessage, details }: ConnectError) {
    const { registry } = this.#contract;
    return {
      code,
      message: rawMessage,
      details: details.flatMap((detail) => {
        if ("type" in detail) {
          return { typeUrl: `type.googleapis.com/${detail.type}`, value: detail.value };
        }
        const desc = registry.getMessage(detail.desc.typeName);
        return desc ? anyPack(desc, detail.value as Message) : [];
      }),
    };
  }
}

function toValues(headers: Headers | undefined) {
  return [...(headers ?? [])].map(([name, value]) => ({ name, value: [value] }));
}
