// Runs before the first paint, so that a chosen theme does not flash. src/theme.ts writes the choice.
try {
  const theme = localStorage.getItem("plaza.theme");
  if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;
} catch {
  // Storage may be forbidden; the system's theme then holds.
}
