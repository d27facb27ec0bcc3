import {
  UNSAFE_createBrowserHistory as createBrowserHistory,
  createPath,
  type Location,
  type NavigateOptions,
  type Navigator,
  type Path,
  parsePath,
  type RouteObject,
  resolvePath,
  type To,
} from "react-router";
import { pathOnSite, sitePath } from "../site-path.ts";
import { areRoutesLoaded, loadRoutes } from "./load-routes.ts";
import { createScrollPositions } from "./scroll-positions.ts";

/** What is shown. */
export type RouterState = {
  readonly location: Location;
  /** Whether the code of another page is being loaded; until it is there, this one stays. */
  readonly isMoving: boolean;
  /** Whether the code of the first page is there. */
  readonly isReady: boolean;
  /** Why the code of the page could not be loaded; undefined when it is there. */
  readonly loadError: unknown;
  /** How far down this entry of the history was scrolled when it was left. */
  readonly scrollY: number | undefined;
};

/** With `flushSync`, a page whose code is there is on the screen when the call returns. */
type MoveOptions = Pick<NavigateOptions, "replace" | "flushSync">;

/** Resolves when the page is loaded, or another one was opened meanwhile. */
export type Navigate = (to: To, options?: MoveOptions) => Promise<void>;

/** Returns whether the page is to be kept; `block` then gets a function that leaves it all the same. */
export type Blocker = {
  shouldBlock(from: Path, to: Path): boolean;
  block(leave: () => void): void;
};

export type Router = {
  /** What React Router's components navigate with. */
  readonly navigator: Navigator;
  navigate: Navigate;
  /** Asks the blocker before each page is left; the returned function removes it. */
  addBlocker(blocker: Blocker): () => void;
  getState(): RouterState;
  subscribe(listener: (state: RouterState, flushSync: boolean) => void): () => void;
};

/**
 * Creates the router of the window, for React Router's components. Its own `createBrowserRouter` loads pages in the
 * same way, but brings 22 kB (gzip) for reads and writes by routes, which the site makes otherwise.
 */
export function createRouter(routes: RouteObject[]): Router {
  const history = createBrowserHistory();
  const positions = createScrollPositions(() => state.location.key);
  const blockers = new Set<Blocker>();
  const listeners = new Set<Parameters<Router["subscribe"]>[0]>();
  let state: RouterState = {
    ...readEntry(),
    isReady: areRoutesLoaded(routes, pathOnSite(history.location.pathname)),
    isMoving: false,
    loadError: undefined,
  };
  let lastMove: object | undefined;
  /** Handles the next step in the history, which is made here. */
  let onOwnStep: (() => void) | undefined;

  /** The entry of the window's history. One that the browser has made, such as the first, gets a key. */
  function readEntry(): Pick<RouterState, "location" | "scrollY"> {
    if (history.location.key === "default") history.replace(createPath(history.location));
    const location = onSite(history.location);
    return { location, scrollY: positions.get(location.key) };
  }

  function setState(changes: Partial<RouterState>, flushSync = false): void {
    state = { ...state, ...changes };
    for (const listener of listeners) listener(state, flushSync);
  }

  async function navigate(to: To, { replace = false, flushSync }: MoveOptions = {}): Promise<void> {
    const path = history.encodeLocation(resolvePath(to, state.location.pathname));
    const change = () => history[replace ? "replace" : "push"](onHost(path));
    const leave = () => move(path, change, flushSync);
    if (!block(path, () => void leave())) await leave();
  }

  /** Shows the page at a path when its code is loaded. */
  async function move(path: Path, changeEntry?: () => void, flushSync?: boolean): Promise<void> {
    const ownMove = {};
    lastMove = ownMove;
    if (state.isReady) positions.save();
    let loadError: unknown;
    if (!areRoutesLoaded(routes, path.pathname)) {
      setState({ isMoving: state.isReady });
      loadError = await loadRoutes(routes, path.pathname).then(
        () => undefined,
        (error: unknown) => error,
      );
      if (lastMove !== ownMove) return;
    }
    changeEntry?.();
    setState({ ...readEntry(), loadError, isMoving: false, isReady: true }, flushSync);
  }

  /** Returns whether a blocker keeps the page. */
  function block(to: Path, leave: () => void): boolean {
    const blocker = [...blockers].find(({ shouldBlock }) => shouldBlock(state.location, to));
    blocker?.block(leave);
    return blocker !== undefined;
  }

  history.listen(({ location: entry, delta }) => {
    const location = onSite(entry);
    const handleOwnStep = onOwnStep;
    onOwnStep = undefined;
    if (handleOwnStep) return handleOwnStep();
    const { promise: isTakenBack, resolve } = Promise.withResolvers<void>();
    const stepAgain = () => {
      onOwnStep = () => void move(onSite(history.location));
      history.go(delta ?? 0);
    };
    // The browser does not say how far to an entry that it has made.
    if (delta && block(location, () => void isTakenBack.then(stepAgain))) {
      onOwnStep = resolve;
      history.go(-delta);
    } else {
      void move(location);
    }
  });
  // The code of the first page.
  if (!state.isReady) void move(state.location);

  return {
    navigator: {
      createHref: (to) => history.createHref(onHost(typeof to === "string" ? parsePath(to) : to)),
      encodeLocation: history.encodeLocation,
      go: history.go,
      push: (to, _, options) => void navigate(to, { ...options, replace: false }),
      replace: (to, _, options) => void navigate(to, { ...options, replace: true }),
    },
    navigate,
    addBlocker(blocker) {
      blockers.add(blocker);
      return () => blockers.delete(blocker);
    },
    getState: () => state,
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

/** The entry with its path on the site, which is what all but the window's history is about. */
function onSite(location: Location): Location {
  return { ...location, pathname: pathOnSite(location.pathname) };
}

function onHost<To extends Partial<Path>>(to: To): To {
  return to.pathname === undefined ? to : { ...to, pathname: sitePath(to.pathname) };
}
