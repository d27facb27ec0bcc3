import { createContext, useContext } from "react";
import type { Navigate, Router, RouterState } from "./router.ts";

/** What a page may ask of the router; where pages are rendered, nothing is. */
export const RouterContext = createContext<Pick<Router, "navigate" | "addBlocker">>({
  navigate: () => Promise.reject(new Error("a rendered page does not move")),
  addBlocker: () => () => {},
});

type PageStatus = Pick<RouterState, "isMoving" | "loadError">;

export const PageStatusContext = createContext<PageStatus>({
  isMoving: false,
  loadError: undefined,
});

/** The same function at each rendering. React Router's does not tell when the page is there. */
export function useNavigate(): Navigate {
  return useContext(RouterContext).navigate;
}

export function usePageStatus(): PageStatus {
  return useContext(PageStatusContext);
}
