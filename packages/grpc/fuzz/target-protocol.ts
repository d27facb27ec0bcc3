/** What the fuzzer asks the target process to do. */
export type TargetRequest =
  | { readonly ask: "serve" }
  | { readonly ask: "connect"; readonly port: number }
  | {
      readonly ask: "call";
      readonly seed: number;
      readonly callers: number;
      readonly limitMs: number;
    }
  | { readonly ask: "pause" }
  | { readonly ask: "callOnce" }
  | { readonly ask: "measure" }
  | { readonly ask: "close" };

/** A figure, 0 when the request has none, and the faults since the last reply. */
export type TargetReply = { readonly value: number; readonly faults: readonly string[] };
