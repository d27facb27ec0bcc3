import { useState } from "react";
import { SegmentedControl } from "../../ui/forms/segmented-control.tsx";
import { applyTheme, readTheme, type Theme } from "./theme.ts";

const themeLabels: Record<Theme, string> = { system: "System", light: "Light", dark: "Dark" };

export function ThemeSwitch() {
  const [theme, setTheme] = useState(readTheme);
  return (
    <SegmentedControl
      label="Theme"
      options={themeLabels}
      value={theme}
      onChange={(chosen) => {
        applyTheme(chosen);
        setTheme(chosen);
      }}
    />
  );
}
