import { Code } from "@connectrpc/connect";
import { MutationCache, QueryCache, QueryClient } from "@tanstack/react-query";
import { codeOf, isUnanswered } from "./faults.ts";
import { toast } from "./toasts.ts";

export const queryClient = new QueryClient({
  queryCache: new QueryCache({ onError: noticeEndOfSession }),
  mutationCache: new MutationCache({ onError: noticeEndOfSession }),
  defaultOptions: {
    queries: {
      staleTime: 15_000,
      retry: (failures, error) => failures < 2 && isUnanswered(error),
    },
  },
});

/** A session can end elsewhere, at any moment: the first refusal turns the member into a visitor. */
export function noticeEndOfSession(error: unknown): void {
  if (codeOf(error) === Code.Unauthenticated) endSession();
}

export function endSession(): void {
  if (!queryClient.getQueryData(["session"])) return;
  queryClient.setQueryData(["session"], null);
  void queryClient.resetQueries({ queryKey: ["cart"] });
  toast("Your session has ended. Sign in to go on.");
}
