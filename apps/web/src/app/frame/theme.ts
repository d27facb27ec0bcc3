export type Theme = "system" | "light" | "dark";

const themeStorageKey = "plaza.theme";

export function readTheme(): Theme {
  const { theme } = document.documentElement.dataset;
  return theme === "light" || theme === "dark" ? theme : "system";
}

/** Applies the choice and keeps it for public/theme.js, which reads it before the next first paint. */
export function applyTheme(theme: Theme): void {
  if (theme === "system") delete document.documentElement.dataset["theme"];
  else document.documentElement.dataset["theme"] = theme;
  try {
    localStorage.setItem(themeStorageKey, theme);
  } catch {
    // Storage may be forbidden; the choice then holds until the page is left.
  }
}
