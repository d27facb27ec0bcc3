import { tryStorage } from "../../lib/storage.ts";
export type Theme = "system" | "light" | "dark";

const themeStorageKey = "plaza.theme";

export function readTheme(): Theme {
  const { theme } = document.documentElement.dataset;
  return theme === "light" || theme === "dark" ? theme : "system";
}

/** Applies the theme and stores it for public/head.js, which reads it before the first paint. */
export function applyTheme(theme: Theme): void {
  if (theme === "system") delete document.documentElement.dataset["theme"];
  else document.documentElement.dataset["theme"] = theme;
  // Without storage, the choice holds until the page is left.
  tryStorage(() => localStorage.setItem(themeStorageKey, theme));
}
