import type { KeyboardEvent } from "react";

/**
 * Whether a key belongs to an input method, which composes a character from several. WebKit ends the composition
 * before the key event of the Enter that ended it, whose key code is 229 for that reason (UI Events, section 7.3).
 */
export function isComposing({ nativeEvent }: KeyboardEvent): boolean {
  return nativeEvent.isComposing || nativeEvent.keyCode === 229;
}
