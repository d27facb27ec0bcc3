import { readFileSync } from "node:fs";
import { type DescMethod, type DescService, fromBinary, type JsonObject } from "@bufbuild/protobuf";
import { FileDescriptorSetSchema } from "@bufbuild/protobuf/wkt";
import { Access } from "@plaza/contract/kit/v1/options";
import { policyOf } from "@plaza/kit/rpc/policy";
import { serviceNameOf } from "@plaza/kit/runtime/service";
import { commentsFrom, type OpenApiOptions, openApi } from "@plaza/rest/openapi";
import { fieldRulesOf } from "./field-rules.ts";

/** What the documents contain beside the contracts. */
export type OpenApiDocumentOptions = {
  /** The base URL of the API; that of the document itself when undefined. */
  readonly publicUrl: string | undefined;
  readonly cookieName: string;
};

const apiDescription = `The API of Plaza: posts, profiles, friends, chat and a shop under one account.

Every error is a google.rpc.Status. Its \`reason\` is stable; each operation lists its reasons. Lists are paged with
\`pageToken\`. Writes with an \`idempotencyKey\` can be retried safely. To change a resource only if nobody else has
changed it, send its \`etag\`, in the body or as If-Match.`;

/** The OpenAPI 3.1 documents by path: one for the whole API, and one for each service. */
export function openApiDocuments(
  services: readonly DescService[],
  settings: OpenApiDocumentOptions,
): Map<string, () => JsonObject> {
  const options = () => toOpenApiOptions(settings);
  const whole = () =>
    openApi(services, { ...options(), title: "Plaza", description: apiDescription });
  const documents = new Map<string, () => JsonObject>([["/openapi.json", whole]]);
  for (const service of services) {
    const name = serviceNameOf(service);
    documents.set(`/openapi/${name}.json`, () =>
      openApi([service], { ...options(), title: `Plaza: ${name}`, description: apiDescription }),
    );
  }
  return documents;
}

function toOpenApiOptions({
  publicUrl,
  cookieName,
}: OpenApiDocumentOptions): Omit<OpenApiOptions, "title"> {
  return {
    version: "1",
    servers: [{ url: publicUrl ?? "/" }],
    comments: commentsFrom(readDescriptorsWithComments()),
    fieldConstraints: fieldRulesOf,
    security: securityRequirements,
    securitySchemes: {
      accessToken: { type: "http", scheme: "bearer", bearerFormat: "JWT" },
      session: { type: "apiKey", in: "cookie", name: cookieName },
    },
  };
}

function readDescriptorsWithComments() {
  const file = new URL(import.meta.resolve("@plaza/contract/plaza.binpb"));
  return fromBinary(FileDescriptorSetSchema, readFileSync(file));
}

/** Public methods take a credential too, because their responses may depend on the caller. */
function securityRequirements(method: DescMethod): JsonObject[] {
  const { access, role } = policyOf(method);
  const roles = role === "" ? [] : [role];
  const signedIn = [{ accessToken: roles }, { session: roles }];
  return access === Access.PUBLIC ? [{}, ...signedIn] : signedIn;
}
