import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { promisify } from "node:util";
import { brotliCompress, constants } from "node:zlib";
import type { Plugin } from "vite";

const brotli = promisify(brotliCompress);

/** Below this size the headers outweigh what compression saves; the gateway does not compress such files either. */
const minBytes = 1_024;

/** Writes a `.br` file beside each text of the browser's build, at the quality that takes too long for a server. */
export function brotliFiles(): Plugin {
  return {
    name: "plaza-brotli-files",
    applyToEnvironment: ({ name }) => name === "client",
    async writeBundle({ dir = "" }) {
      const names = readdirSync(dir, { recursive: true, encoding: "utf8" }).filter(
        (name) => /\.(css|html|js|svg)$/.test(name) && !name.startsWith("."),
      );
      await Promise.all(names.map((name) => compressFile(path.join(dir, name))));
    },
  };
}

async function compressFile(file: string): Promise<void> {
  const body = readFileSync(file);
  if (body.length < minBytes) return;
  const params = {
    [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY,
    [constants.BROTLI_PARAM_SIZE_HINT]: body.length,
  };
  writeFileSync(`${file}.br`, await brotli(body, { params }));
}
