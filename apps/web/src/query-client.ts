import { Code } from "@connectrpc/connect";
import { MutationCache, QueryCache, QueryClient } from "@tanstack/react-query";
import { codeOf } from "./faults.ts";
import { toast } from "./toasts.ts";

// A second attempt helps when the server was out of reach; a refusal stays a refusal.
const retriable = new Set([Code.Unavailable, Code.DeadlineExceeded, Code.Unknown]);

export const queryClient = new QueryClient({
  queryCache: new QueryCache({ onError: noticeEndOfSession }),
  mutationCache: new MutationCache({ onError: noticeEndOfSession }),
  defaultOptions: {
    queries: {
      staleTime: 15_000,
      retry: (failures, error) => failures < 2 && retriable.has(codeOf(error)),
    },
  },
});

/** A session can end elsewhere, at any moment: the first refusal turns the member into a visitor. */
export function noticeEndOfSession(error: unknown): void {
  if (codeOf(error) !== Code.Unauthenticated || !queryClient.getQueryData(["session"])) return;
  queryClient.setQueryData(["session"], null);
  toast("Your session has ended. Sign in to go on.");
}
