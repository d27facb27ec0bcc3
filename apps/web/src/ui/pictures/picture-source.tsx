import { createContext, type ReactNode, useMemo } from "react";

/** The resource that holds the pictures of a text, and when they are loaded. */
export type PictureSource = { readonly of: string | undefined; readonly onClick: boolean };

/** By default a text is being written: a click loads a picture, since each typed letter makes another URL. */
export const PictureSourceContext = createContext<PictureSource>({ of: undefined, onClick: true });

type PictureSourceProviderProps = { path: string; onClick?: boolean; children: ReactNode };

/** Says that the texts below are of a stored resource, by its REST path. */
export function PictureSourceProvider({
  path,
  onClick = false,
  children,
}: PictureSourceProviderProps) {
  const source = useMemo(() => ({ of: path, onClick }), [path, onClick]);
  return <PictureSourceContext value={source}>{children}</PictureSourceContext>;
}
