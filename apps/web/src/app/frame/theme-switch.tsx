import { useState } from "react";
import { t } from "../../lib/messages.ts";
import { SegmentedControl } from "../../ui/forms/segmented-control.tsx";
import { applyTheme, readTheme } from "./theme.ts";

export function ThemeSwitch() {
  const [theme, setTheme] = useState(readTheme);
  return (
    <SegmentedControl
      label={t("app.theme.label")}
      options={{
        system: t("app.theme.system"),
        light: t("app.theme.light"),
        dark: t("app.theme.dark"),
      }}
      value={theme}
      onChange={(chosen) => {
        applyTheme(chosen);
        setTheme(chosen);
      }}
    />
  );
}
