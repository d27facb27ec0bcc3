import assert from "node:assert/strict";
import { type DescMessage, fromJson, type JsonValue, type MessageShape } from "@bufbuild/protobuf";

/** A response of the REST API with its whole body. */
export type ApiResponse = {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  json(): JsonValue;
  /** The body as a message of the contract; throws unless the call succeeded. */
  as<T extends DescMessage>(schema: T): MessageShape<T>;
};

/** The body of every error: google.rpc.Status in JSON. */
export type RpcStatus = {
  readonly code: number;
  readonly message: string;
  readonly details?: readonly RpcStatusDetail[];
};

type RpcStatusDetail = {
  readonly "@type": string;
  readonly reason?: string;
  readonly fieldViolations?: readonly { field: string; description: string; reason: string }[];
};

/** Calls the REST API: `request("POST /v1/posts", { title, body })`. A string is sent as it is. */
export type ApiClient = (
  line: string,
  body?: unknown,
  headers?: HeadersInit,
) => Promise<ApiResponse>;

/** Calls the REST API at `url`, with the access token if there is one. */
export function apiClient(url: string, accessToken?: string): ApiClient {
  return async (line, body, more) => {
    const [method = "", path = ""] = line.split(" ");
    const headers = new Headers(more);
    if (accessToken) headers.set("authorization", `Bearer ${accessToken}`);
    if (body !== undefined && !headers.has("content-type")) {
      headers.set("content-type", "application/json");
    }
    const text = typeof body === "string" ? body : JSON.stringify(body);
    const response = await fetch(url + path, {
      method,
      headers,
      redirect: "manual",
      ...(text === undefined ? {} : { body: text }),
    });
    return toApiResponse(response.status, response.headers, await response.text(), line);
  };
}

function toApiResponse(status: number, headers: Headers, text: string, line: string): ApiResponse {
  return {
    status,
    headers,
    text,
    json: () => JSON.parse(text),
    as(schema) {
      assert.equal(status, 200, `${line} answered ${status}: ${text}`);
      return fromJson(schema, JSON.parse(text));
    },
  };
}

/**
 * Fails the test unless the answer refuses with this HTTP status and this reason, in the form that
 * every refusal has. Answers its body.
 */
export function assertApiError(answer: ApiResponse, httpStatus: number, reason: string): RpcStatus {
  assert.equal(answer.status, httpStatus, answer.text);
  assert.match(answer.headers.get("content-type") ?? "", /^application\/json\b/);
  const status = JSON.parse(answer.text) as RpcStatus;
  assert.equal(typeof status.code, "number");
  assert.notEqual(status.message, "");
  assert.equal(findDetail(status, "ErrorInfo")?.reason, reason, answer.text);
  return status;
}

/** The fields that an error response names as invalid. */
export function violatedFields(status: RpcStatus): string[] {
  const violations = findDetail(status, "BadRequest")?.fieldViolations ?? [];
  return violations.map(({ field }) => field);
}

function findDetail({ details = [] }: RpcStatus, type: string): RpcStatusDetail | undefined {
  return details.find((one) => one["@type"] === `type.googleapis.com/google.rpc.${type}`);
}
