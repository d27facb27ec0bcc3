import path from "node:path";
import type { Plugin } from "vite";
import { en } from "./gen/messages/en.ts";

/**
 * Puts each message into the modules that name its id, or the beginning of it, so that a page loads the texts that it
 * can show. Servers and development have the catalogue as a whole.
 */
export function splitMessages(): Plugin {
  const catalogue = path.join(import.meta.dirname, "gen/messages/en.ts");
  const source = path.join(import.meta.dirname, "src/");
  return {
    name: "plaza-split-messages",
    apply: "build",
    applyToEnvironment: ({ name }) => name === "client",
    enforce: "pre",
    load(id) {
      return id === catalogue ? "export const en = {};" : undefined;
    },
    transform(code, id) {
      if (!id.startsWith(source) || !/\.tsx?$/.test(id)) return undefined;
      const named = new Set(code.match(/(?<=["'`])\w+(?:\.\w+)*\.?(?=["'`]|\$\{)/g));
      const prefixes = [...named].filter((text) => text.endsWith("."));
      const messages = Object.entries(en).filter(
        ([key]) => named.has(key) || prefixes.some((prefix) => key.startsWith(prefix)),
      );
      if (messages.length === 0) return undefined;
      const own = JSON.stringify(Object.fromEntries(messages));
      return `${code}\nimport { en as $catalogue } from "${catalogue}";\nObject.assign($catalogue, ${own});`;
    },
  };
}
