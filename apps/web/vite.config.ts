import { create, toBinary } from "@bufbuild/protobuf";
import { base64Encode } from "@bufbuild/protobuf/wire";
import { FileDescriptorProtoSchema } from "@bufbuild/protobuf/wkt";
import tailwind from "@tailwindcss/vite";
import react from "@vitejs/plugin-react";
import { defineConfig, type Plugin } from "vite";

const server = process.env["PLAZA_SERVER"] ?? "http://localhost:8080";

export default defineConfig({
  root: import.meta.dirname,
  plugins: [withoutOptions(), react(), tailwind()],
  build: {
    target: "baseline-widely-available",
    // The Content-Security-Policy admits no data: fonts and scripts.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
  server: {
    proxy: Object.fromEntries(
      ["/v1", "/plaza.", "/openapi", "/docs", "/.well-known"].map((path) => [
        path,
        { target: server },
      ]),
    ),
  },
});

/**
 * Leaves out the files that declare options (validation rules, REST paths, policies): servers read
 * them, a client does not. Each becomes an empty file of its name, which its importers ask for.
 */
function withoutOptions(): Plugin {
  return {
    name: "plaza-without-options",
    enforce: "pre",
    load(id) {
      const path = /\/gen\/((?:buf\/validate|google\/api|plaza\/kit)\/.+)_pb\.ts$/.exec(id)?.[1];
      if (!path) return undefined;
      const file = create(FileDescriptorProtoSchema, { name: `${path}.proto` });
      const encoded = base64Encode(toBinary(FileDescriptorProtoSchema, file));
      return [
        `import { fileDesc } from "@bufbuild/protobuf/codegenv2";`,
        `export const file_${path.replaceAll("/", "_")} = /*@__PURE__*/ fileDesc("${encoded}");`,
      ].join("\n");
    },
  };
}
