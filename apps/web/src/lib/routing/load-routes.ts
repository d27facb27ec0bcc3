import { matchRoutes, type RouteObject } from "react-router";

/** Loads the components of the routes at a path that are not loaded yet. */
export async function loadRoutes(routes: RouteObject[], path: string): Promise<void> {
  await Promise.all(routesAt(routes, path).map(loadRoute));
}

export function areRoutesLoaded(routes: RouteObject[], path: string): boolean {
  return routesAt(routes, path).every(({ lazy }) => !lazy);
}

function routesAt(routes: RouteObject[], path: string): RouteObject[] {
  return (matchRoutes(routes, path) ?? []).map(({ route }) => route);
}

async function loadRoute(route: RouteObject): Promise<void> {
  const { lazy } = route;
  if (typeof lazy !== "function") return;
  const loaded = await lazy();
  // Another component would mount the page anew, should it be loaded twice at the same time.
  if (route.lazy === lazy) Object.assign(route, loaded, { lazy: undefined });
}
