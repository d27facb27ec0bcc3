import path from "node:path";
import tailwind from "@tailwindcss/vite";
import react from "@vitejs/plugin-react";
import { defineConfig, type Plugin } from "vite";
import { brotliFiles } from "./brotli-files.ts";
import { splitProtoEnums, stripProtoOptions } from "./contract-modules.ts";
import { splitMessages } from "./split-messages.ts";

/** Packages of which a page uses few parts, while their entries import all. */
const packagesOfParts = /\/(?:lucide-react|@bufbuild|@connectrpc|contract)\//;

const server = process.env["PLAZA_SERVER"] ?? "http://localhost:8080";

export default defineConfig({
  root: import.meta.dirname,
  // Messages are parsed by apps/web/compile-messages.ts.
  resolve: {
    alias: {
      "@formatjs/icu-messageformat-parser": "@formatjs/icu-messageformat-parser/no-parser.js",
    },
  },
  plugins: [
    stripProtoOptions(),
    splitProtoEnums(),
    splitMessages(),
    preloadCalls(),
    react(),
    tailwind(),
    brotliFiles(),
  ],
  experimental: {
    // Files find each other wherever the site is served; the gateway puts its path into index.html.
    renderBuiltUrl: (_, { hostType, ssr }) =>
      hostType === "html" || ssr ? undefined : { relative: true },
  },
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
            codeSplitting: {
              groups: [
                { ...chunkOf("main", "src/main.tsx", packagesOfParts), priority: 2 },
                { ...chunkOf("calls", "src/lib/base-clients.ts"), priority: 1 },
              ],
            },
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

/** Links the code of calls in index.html: all pages need it soon, but for those that are rendered for visitors. */
function preloadCalls(): Plugin {
  return {
    name: "plaza-preload-calls",
    transformIndexHtml(_, { bundle = {} }) {
      const calls = Object.values(bundle).find(
        ({ type, name }) => type === "chunk" && name === "calls",
      );
      if (!calls) return [];
      const attrs = { rel: "modulepreload", crossorigin: true, href: `/${calls.fileName}` };
      return [{ tag: "link", attrs, injectTo: "head" }];
    },
  };
}

/** The chunk of what `entry` imports, directly or not. Of the packages excepted, it gets what it uses only. */
function chunkOf(debugName: string, entry: string, except?: RegExp) {
  let ids: Set<string> | undefined;
  return {
    debugName,
    name(id: string, graph: ModuleGraph): string | null {
      ids ??= collectImports(path.join(import.meta.dirname, entry), graph);
      return ids.has(id) && !except?.test(id) ? debugName : null;
    },
  };
}

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
