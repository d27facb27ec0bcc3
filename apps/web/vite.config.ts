import path from "node:path";
import { create, fromBinary, type Message, toBinary } from "@bufbuild/protobuf";
import { base64Decode, base64Encode } from "@bufbuild/protobuf/wire";
import {
  type DescriptorProto,
  type FileDescriptorProto,
  FileDescriptorProtoSchema,
} from "@bufbuild/protobuf/wkt";
import tailwind from "@tailwindcss/vite";
import react from "@vitejs/plugin-react";
import { defineConfig, type Plugin } from "vite";
import { brotliFiles } from "./brotli-files.ts";

const server = process.env["PLAZA_SERVER"] ?? "http://localhost:8080";

export default defineConfig({
  root: import.meta.dirname,
  // Messages are parsed by scripts/compile-messages.mjs.
  resolve: {
    alias: {
      "@formatjs/icu-messageformat-parser": "@formatjs/icu-messageformat-parser/no-parser.js",
    },
  },
  plugins: [stripProtoOptions(), react(), tailwind(), brotliFiles()],
  build: {
    target: "baseline-widely-available",
    // The Content-Security-Policy admits no data: fonts and scripts.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    // Read by src/server.tsx, to name the files of a page.
    manifest: true,
  },
  environments: {
    client: {
      build: {
        rolldownOptions: {
          output: {
            // A chunk for a few lines costs a request, which is 150 ms on a slow network.
            codeSplitting: { groups: [{ name: nameFirstLoad }] },
          },
        },
      },
    },
    /** src/server.tsx, which the gateway loads to render pages; whole, since node_modules is not beside it. */
    ssr: {
      resolve: { noExternal: true },
      build: {
        // Hidden, so that the gateway does not serve it.
        outDir: "dist/.server",
        target: "esnext",
        copyPublicDir: false,
        rolldownOptions: { input: "src/server.tsx" },
      },
    },
  },
  builder: {},
  server: {
    proxy: Object.fromEntries(
      ["/v1", "/plaza.", "/pictures", "/openapi", "/docs", "/.well-known"].map((path) => [
        path,
        { target: server },
      ]),
    ),
  },
});

/**
 * Strips validation rules, REST paths and policies from the contracts, since only servers read them. Files that
 * declare such options become empty files of the same name, because others import them; the others lose their
 * options. It saves some 2 kB of the first load.
 */
function stripProtoOptions(): Plugin {
  return {
    name: "plaza-strip-proto-options",
    enforce: "pre",
    load(id) {
      const path = /\/gen\/((?:buf\/validate|google\/api|plaza\/kit)\/.+)_pb\.ts$/.exec(id)?.[1];
      if (!path) return undefined;
      const file = create(FileDescriptorProtoSchema, { name: `${path}.proto` });
      return [
        `import { fileDesc } from "@bufbuild/protobuf/codegenv2";`,
        `export const file_${path.replaceAll("/", "_")} = /*@__PURE__*/ fileDesc("${encodeFile(file)}");`,
      ].join("\n");
    },
    transform(code, id) {
      if (!/\/gen\/plaza\/.+_pb\.ts$/.test(id)) return undefined;
      return code.replace(/(?<=fileDesc\(")[^"]+/, (encoded) => {
        const file = fromBinary(FileDescriptorProtoSchema, base64Decode(encoded));
        // The options are unknown fields here, because their extensions are not registered.
        for (const { options } of descriptorsIn(file)) delete options?.$unknown;
        return encodeFile(file);
      });
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

/** Puts what main.tsx imports, directly or not, into one chunk; icons stay with the pages that show them. */
function nameFirstLoad(id: string, graph: ModuleGraph): string | null {
  firstLoadIds ??= collectImports(path.join(import.meta.dirname, "src/main.tsx"), graph);
  return firstLoadIds.has(id) && !id.includes("lucide-react") ? "main" : null;
}
let firstLoadIds: Set<string> | undefined;

function collectImports(entry: string, graph: ModuleGraph) {
  const found = new Set<string>();
  const visit = (id: string) => {
    if (found.has(id)) return;
    found.add(id);
    for (const imported of graph.getModuleInfo(id)?.importedIds ?? []) visit(imported);
  };
  visit(entry);
  return found;
}

type ModuleGraph = {
  getModuleInfo(id: string): { readonly importedIds: readonly string[] } | null;
};
