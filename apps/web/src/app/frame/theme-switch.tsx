import { useState } from "react";
import { Segmented } from "../../ui/forms/segmented-control.tsx";
import { chooseTheme, readTheme, type Theme } from "./theme.ts";

const options: Record<Theme, string> = { system: "System", light: "Light", dark: "Dark" };

export function ThemeSwitch() {
  const [theme, setTheme] = useState(readTheme);
  return (
    <Segmented
      label="Theme"
      options={options}
      value={theme}
      onChange={(chosen) => {
        chooseTheme(chosen);
        setTheme(chosen);
      }}
    />
  );
}
