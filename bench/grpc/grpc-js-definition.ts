import {
  type DescMessage,
  type DescMethod,
  type DescService,
  fromBinary,
  type MessageShape,
  toBinary,
} from "@bufbuild/protobuf";
import type { MethodDefinition, ServiceDefinition } from "@grpc/grpc-js";

/** A service as grpc-js takes it, with the same encoding as the other contenders: protobuf-es. */
export function toServiceDefinition(service: DescService): ServiceDefinition {
  return Object.fromEntries(service.methods.map((one) => [one.localName, toMethodDefinition(one)]));
}

/** A method as grpc-js takes it. */
export function toMethodDefinition(method: DescMethod): MethodDefinition<unknown, unknown> {
  const { methodKind: kind, input, output, parent, name } = method;
  return {
    path: `/${parent.typeName}/${name}`,
    requestStream: kind === "client_streaming" || kind === "bidi_streaming",
    responseStream: kind === "server_streaming" || kind === "bidi_streaming",
    ...{ requestSerialize: encoder(input), requestDeserialize: decoder(input) },
    ...{ responseSerialize: encoder(output), responseDeserialize: decoder(output) },
  };
}

function encoder<T extends DescMessage>(schema: T): (message: unknown) => Buffer {
  return (message) => {
    const { buffer, byteOffset, byteLength } = toBinary(schema, message as MessageShape<T>);
    return Buffer.from(buffer, byteOffset, byteLength);
  };
}

function decoder(schema: DescMessage): (bytes: Buffer) => unknown {
  return (bytes) => fromBinary(schema, bytes);
}
