import { type ApiResponse, apiClient } from "../../test/base/api-client.ts";

/** The Plaza under test; its address changes when it restarts. */
export type SystemUnderTest = {
  /** Waits until it is up, and returns its address. */
  url(): Promise<string>;
  /** Sends one request; rejects when no response arrives. Seeded faults replace it. */
  readonly send: SendRequest;
  /** Aborted when the run is given up or over: from then on no client retries and no nemesis kills. */
  readonly signal: AbortSignal;
};

export type SendRequest = (
  url: string,
  accessToken: string | undefined,
  line: string,
  body?: unknown,
) => Promise<ApiResponse>;

/** Sends a request from a random client address, so that login throttling does not interfere. */
export const sendRequest: SendRequest = (url, accessToken, line, body) => {
  const address = [10, 1, 1, 1].map((one) => one * Math.ceil(Math.random() * 25)).join(".");
  return apiClient(url, accessToken)(line, body, { "x-forwarded-for": address });
};
