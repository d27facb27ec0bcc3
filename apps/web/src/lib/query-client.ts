import { QueryClient } from "@tanstack/react-query";
import { isOutcomeUnknown } from "./errors.ts";

export const queryClient = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 15_000,
      retry: (failures, error) => failures < 2 && isOutcomeUnknown(error),
    },
  },
});
