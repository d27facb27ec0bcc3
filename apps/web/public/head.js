// Runs before the first paint.

// So that the page does not flash in the other theme. src/app/frame/theme.ts stores the choice.
try {
  const theme = localStorage.getItem("plaza.theme");
  if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;
} catch {
  // Storage may be forbidden; the system's theme then holds.
}

// A rendered page shows before the code is there that acts on it. Links work without; src/app/early-events.ts
// dispatches these again, and what was typed.
const earlyEvents = [];
const keepEvent = (event) => {
  const target = event.type === "click" ? event.target.closest?.("button") : event.target;
  if (!target) return;
  event.preventDefault();
  earlyEvents.push({ type: event.type, target });
};
const earlyEventTypes = ["click", "submit"];
for (const type of earlyEventTypes) document.addEventListener(type, keepEvent, true);
window.takeEarlyEvents = () => {
  for (const type of earlyEventTypes) document.removeEventListener(type, keepEvent, true);
  return earlyEvents.splice(0);
};
