import { QueryClientProvider } from "@tanstack/react-query";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { RouterProvider } from "react-router/dom";
import { router } from "./app/router.tsx";
import { clearPendingMessages } from "./chat/pending-message-store.ts";
import { drafts, postDraftPrefix, watchWindow } from "./lib/drafts.ts";
import { queryClient } from "./lib/query-client.ts";
import { watchSession } from "./session/session.ts";
import { onSessionEnd } from "./session/session-end.ts";
import "./ui/styles.css";

const root = document.getElementById("root");
if (!root) throw new Error("index.html has no #root");

// Here, because chat code is loaded late: messages that an earlier visit stored must go although chat was not opened.
onSessionEnd((userId) => {
  clearPendingMessages(userId);
  drafts.clear(userId, postDraftPrefix);
});
watchWindow();
watchSession(queryClient);

createRoot(root).render(
  <StrictMode>
    <QueryClientProvider client={queryClient}>
      <RouterProvider router={router} />
    </QueryClientProvider>
  </StrictMode>,
);
