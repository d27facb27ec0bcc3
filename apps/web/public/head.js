// Runs before the first paint, so that the page does not flash in the other theme. src/app/frame/theme.ts stores the choice.
try {
  const theme = localStorage.getItem("plaza.theme");
  if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;
} catch {
  // Storage may be forbidden; the system's theme then holds.
}
