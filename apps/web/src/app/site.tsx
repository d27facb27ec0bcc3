import { type QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { type ReactNode, StrictMode } from "react";
import { SiteOrigin } from "../ui/site-origin.ts";

type SiteProps = { origin: string; client: QueryClient; children: ReactNode };

/** What surrounds the router, alike in the browser and where pages are rendered. */
export function Site({ origin, client, children }: SiteProps) {
  return (
    <StrictMode>
      <SiteOrigin value={origin}>
        <QueryClientProvider client={client}>{children}</QueryClientProvider>
      </SiteOrigin>
    </StrictMode>
  );
}
