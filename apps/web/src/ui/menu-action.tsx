import type { LucideIcon } from "lucide-react";
import { menuItemClass } from "./menu.tsx";

type MenuActionProps = { icon: LucideIcon; text: string; onPress: () => void };

/** A menu item that runs an action. */
export function MenuAction({ icon: Icon, text, onPress }: MenuActionProps) {
  return (
    <button type="button" className={menuItemClass} onClick={onPress}>
      <Icon aria-hidden />
      {text}
    </button>
  );
}
