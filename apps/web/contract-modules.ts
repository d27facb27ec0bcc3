import { readFile } from "node:fs/promises";
import { create, fromBinary, type Message, toBinary } from "@bufbuild/protobuf";
import { base64Decode, base64Encode } from "@bufbuild/protobuf/wire";
import {
  type DescriptorProto,
  type FileDescriptorProto,
  FileDescriptorProtoSchema,
} from "@bufbuild/protobuf/wkt";
import type { Plugin } from "vite";

/** What declares options, and nothing that messages have. */
const optionFilePattern =
  /\/gen\/((?:buf\/validate|google\/api)\/.+|plaza\/kit\/v1\/(?:options|rules))_pb\.ts$/;

/**
 * Strips validation rules, REST paths and policies from the contracts, since only servers read them. Files that
 * declare such options become empty files of the same name, because others import them; the others lose their
 * options. It saves some 2 kB of the first load.
 */
export function stripProtoOptions(): Plugin {
  return {
    name: "plaza-strip-proto-options",
    enforce: "pre",
    load(id) {
      const path = optionFilePattern.exec(id)?.[1];
      if (!path) return undefined;
      const file = create(FileDescriptorProtoSchema, { name: `${path}.proto` });
      return [
        `import { fileDesc } from "@bufbuild/protobuf/codegenv2";`,
        `export const file_${path.replaceAll("/", "_")} = /*@__PURE__*/ fileDesc("${encodeFile(file)}");`,
      ].join("\n");
    },
    transform(code, id) {
      if (!/\/gen\/plaza\/.+_pb\.ts(?:\?schemas)?$/.test(id)) return undefined;
      return code.replace(/(?<=fileDesc\(")[^"]+/, (encoded) => {
        const file = fromBinary(FileDescriptorProtoSchema, base64Decode(encoded));
        // The options are unknown fields here, because their extensions are not registered.
        for (const { options } of descriptorsIn(file)) delete options?.$unknown;
        return encodeFile(file);
      });
    },
  };
}

/**
 * Moves the enums of each contract to a module of their own, so that code that compares a value need not load the
 * contract and the library that reads it. What others import from is left with nothing but exports.
 */
export function splitProtoEnums(): Plugin {
  const enumPattern = /^export const (\w+) = (\{.*?^\}) as const;$/gms;
  return {
    name: "plaza-split-proto-enums",
    apply: "build",
    enforce: "pre",
    async load(id) {
      if (!/\/gen\/plaza\/.+_pb\.ts/.test(id)) return undefined;
      const [file = "", part] = id.split("?");
      const source = await readFile(file, "utf8");
      const enums = [...source.matchAll(enumPattern)];
      if (enums.length === 0) return undefined;
      if (part === "schemas") return source.replaceAll(enumPattern, "");
      if (part === "enums") {
        const code = enums.map(([, name, values]) => `export const ${name} = ${values};`);
        return { code: code.join("\n"), moduleType: "js" };
      }
      const names = enums.map(([, name]) => name);
      return [
        `export { ${names.join(", ")} } from "${file}?enums";`,
        `export * from "${file}?schemas";`,
      ].join("\n");
    },
  };
}

function descriptorsIn({
  messageType,
  enumType,
  service,
}: FileDescriptorProto): DescriptorWithOptions[] {
  const methods = service.flatMap(({ method }) => method);
  return [...messageType.flatMap(descriptorsInMessage), ...enumType, ...service, ...methods];
}

function descriptorsInMessage(message: DescriptorProto): DescriptorWithOptions[] {
  const { field, enumType, nestedType } = message;
  return [message, ...field, ...enumType, ...nestedType.flatMap(descriptorsInMessage)];
}

type DescriptorWithOptions = { options?: Message | undefined };

function encodeFile(file: FileDescriptorProto): string {
  return base64Encode(toBinary(FileDescriptorProtoSchema, file));
}
