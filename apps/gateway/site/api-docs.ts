import { readFileSync } from "node:fs";
import type { DescService } from "@bufbuild/protobuf";
import { type OpenApiDocumentOptions, openApiDocuments } from "./openapi-documents.ts";
import { createStaticFile, type StaticFile } from "./static-files.ts";

/** Creates a file at its first call, and returns the same one from then on. */
export type LazyFile = () => StaticFile;

const swaggerPage = (basePath: string) => `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <title>Plaza API</title>
    <link rel="stylesheet" href="${basePath}/docs/swagger-ui.css" />
    <link rel="stylesheet" href="${basePath}/docs/index.css" />
    <link rel="icon" href="${basePath}/docs/favicon-32x32.png" />
  </head>
  <body>
    <div id="swagger-ui"></div>
    <script src="${basePath}/docs/swagger-ui-bundle.js"></script>
    <script src="${basePath}/docs/swagger-ui-standalone-preset.js"></script>
    <script src="${basePath}/docs/start.js"></script>
  </body>
</html>
`;

const swaggerAssets = [
  "favicon-32x32.png",
  "index.css",
  "swagger-ui.css",
  "swagger-ui-bundle.js",
  "swagger-ui-standalone-preset.js",
];

/**
 * The API documents and the page that shows them (Swagger UI), by path. Each is created at its first request,
 * because creating all of them would take longer than the rest of the start.
 */
export function createApiDocs(
  services: readonly DescService[],
  options: OpenApiDocumentOptions & { readonly basePath: string },
): ReadonlyMap<string, LazyFile> {
  const { basePath } = options;
  const documents = openApiDocuments(services, options);
  const files = new Map<string, LazyFile>();
  for (const [path, make] of documents) {
    files.set(path, () => createStaticFile(path, JSON.stringify(make()), "no-cache"));
  }
  for (const path of ["/docs", "/docs/"])
    files.set(path, () => createStaticFile("index.html", swaggerPage(basePath), "no-cache"));
  const script = swaggerStartScript([...documents.keys()], basePath);
  files.set("/docs/start.js", () => createStaticFile("start.js", script, "no-cache"));
  for (const name of swaggerAssets) {
    const from = new URL(import.meta.resolve(`swagger-ui-dist/${name}`));
    files.set(`/docs/${name}`, () =>
      createStaticFile(name, readFileSync(from), "public, max-age=86400"),
    );
  }
  return new Map([...files].map(([path, make]) => [path, memoize(make)]));
}

/** In a file of its own, because the Content-Security-Policy forbids inline scripts. */
function swaggerStartScript(paths: readonly string[], basePath: string): string {
  const urls = paths.map((path) => ({
    url: basePath + path,
    name: /^\/openapi\/(.+)\.json$/.exec(path)?.[1] ?? "everything",
  }));
  return `SwaggerUIBundle({
  urls: ${JSON.stringify(urls)},
  dom_id: "#swagger-ui",
  deepLinking: true,
  persistAuthorization: true,
  presets: [SwaggerUIBundle.presets.apis, SwaggerUIStandalonePreset],
  layout: "StandaloneLayout",
});
`;
}

function memoize<T>(make: () => T): () => T {
  let made: T | undefined;
  return () => {
    made ??= make();
    return made;
  };
}
