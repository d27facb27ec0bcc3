import {
  createFileRegistry,
  createRegistry,
  type DescFile,
  type DescService,
  fromJsonString,
  type MessageInitShape,
  type Registry,
  toBinary,
  toJsonString,
} from "@bufbuild/protobuf";
import { FileDescriptorProtoSchema } from "@bufbuild/protobuf/wkt";
import { Code, type ServiceImpl } from "@connectrpc/connect";
import {
  ServerReflection,
  type ServerReflectionRequest,
  type ServerReflectionResponseSchema,
} from "./gen/grpc/reflection/v1/reflection_pb.ts";

export {
  ServerReflection,
  type ServerReflectionRequest,
  ServerReflectionRequestSchema,
} from "./gen/grpc/reflection/v1/reflection_pb.ts";

/** grpc.reflection.v1alpha: v1 under another package, which older tools ask for. */
export const ServerReflectionAlpha = inPackageOfAlpha(ServerReflection);

function inPackageOfAlpha(contract: typeof ServerReflection): typeof ServerReflection {
  const { proto } = contract.file;
  const text = toJsonString(FileDescriptorProtoSchema, proto).replaceAll(
    /reflection([./])v1\b/g,
    "reflection$1v1alpha",
  );
  const registry = createFileRegistry(
    fromJsonString(FileDescriptorProtoSchema, text),
    () => undefined,
  );
  return registry.getService(
    contract.typeName.replace(".v1.", ".v1alpha."),
  ) as typeof ServerReflection;
}

type MessageResponse = NonNullable<
  MessageInitShape<typeof ServerReflectionResponseSchema>["messageResponse"]
>;

/**
 * The gRPC server reflection protocol (grpc.reflection.v1) over the files of the given services and all
 * that they import. Comments are not among what it tells: generated code does not carry them.
 */
export function reflectionService(
  services: readonly DescService[],
): ServiceImpl<typeof ServerReflection> {
  const files = new Map<string, DescFile>();
  for (const { file } of services) collectFiles(file, files);
  const types = createRegistry(...files.values());

  function answer({ messageRequest: asked }: ServerReflectionRequest): MessageResponse {
    switch (asked.case) {
      case "fileByFilename":
        return withDependencies(files.get(asked.value));
      case "fileContainingSymbol":
        return withDependencies(fileDeclaring(types, asked.value));
      case "fileContainingExtension": {
        const { containingType, extensionNumber } = asked.value;
        const found = extensionsOf(types, containingType).find((e) => e.number === extensionNumber);
        return withDependencies(found?.file);
      }
      case "allExtensionNumbersOfType": {
        const extensionNumber = extensionsOf(types, asked.value).map((e) => e.number);
        const value = { baseTypeName: asked.value, extensionNumber };
        if (!types.getMessage(asked.value))
          return toErrorResponse(Code.NotFound, "no such message");
        return { case: "allExtensionNumbersResponse", value };
      }
      case "listServices": {
        const service = services.map(({ typeName }) => ({ name: typeName }));
        return { case: "listServicesResponse", value: { service } };
      }
      default:
        return toErrorResponse(Code.InvalidArgument, "the request is empty");
    }
  }

  return {
    async *serverReflectionInfo(requests) {
      for await (const request of requests) {
        yield {
          validHost: request.host,
          originalRequest: request,
          messageResponse: answer(request),
        };
      }
    },
  };
}

function collectFiles(file: DescFile, files: Map<string, DescFile>): void {
  if (files.has(file.proto.name)) return;
  files.set(file.proto.name, file);
  for (const imported of file.dependencies) collectFiles(imported, files);
}

/** The file that declares a type or service, or the one to which a method, field or value belongs. */
function fileDeclaring(types: Registry, symbol: string): DescFile | undefined {
  const parent = symbol.slice(0, Math.max(0, symbol.lastIndexOf(".")));
  return (types.get(symbol) ?? types.get(parent))?.file;
}

function extensionsOf(types: Registry, extendee: string) {
  return [...types]
    .filter((type) => type.kind === "extension")
    .filter((extension) => extension.extendee.typeName === extendee);
}

/** The file first, then its imports, so that a client needs to ask only once. */
function withDependencies(file: DescFile | undefined): MessageResponse {
  if (!file) return toErrorResponse(Code.NotFound, "no such file, symbol or extension");
  const needed = new Map<string, DescFile>();
  collectFiles(file, needed);
  const fileDescriptorProto = [...needed.values()].map(({ proto }) =>
    toBinary(FileDescriptorProtoSchema, proto),
  );
  return { case: "fileDescriptorResponse", value: { fileDescriptorProto } };
}

function toErrorResponse(errorCode: Code, errorMessage: string): MessageResponse {
  return { case: "errorResponse", value: { errorCode, errorMessage } };
}
