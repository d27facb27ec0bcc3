import { sitePath } from "../lib/site-path.ts";
import { type PageState, stringifyPageState } from "./page-state.ts";

/** The files of the browser's build by source module, as in Vite's manifest. */
export type Manifest = Readonly<Record<string, ManifestEntry | undefined>>;

type ManifestEntry = {
  readonly file: string;
  readonly name?: string;
  readonly imports?: readonly string[];
  readonly dynamicImports?: readonly string[];
  readonly css?: readonly string[];
};

/** Puts a rendered page into the document: its markup, its state, and links to the files of its module. */
export type PageTemplate = (markup: string, state: PageState, module: string | undefined) => string;

/** What React puts before the markup of a page: elements of the head. */
const headPattern = /^(?:<title>.*?<\/title>|<(?:meta|link)\b[^>]*>)+/s;

/** Creates the template from the built index.html, whose own title and description give way to the page's. */
export function createPageTemplate(template: string, manifest: Manifest): PageTemplate {
  const bare = template
    // The page shows without scripts; styles and fonts come first.
    .replaceAll(/<(script type="module"|link rel="modulepreload")/g, '<$1 fetchpriority="low"')
    .replace(/\s*<title>.*?<\/title>/s, "")
    .replace(/\s*<meta name="description"[^>]*>/, "");
  const [beforeHead = "", afterHead = ""] = bare.split("</head>");
  const callsLink = findCallsLink(beforeHead, manifest);
  const [beforeRoot = "", afterRoot = ""] = afterHead.split('<div id="root"></div>');
  return (markup, state, module) => {
    const [head = ""] = headPattern.exec(markup) ?? [];
    const links = module ? moduleLinks(manifest, module, template) : "";
    const data = `<script type="application/json" id="page-state">${stringifyPageState(state)}</script>`;
    // A visitor's page has what it shows, and calls nothing.
    const needsCalls = !state.isVisitor || !state.isComplete;
    const beforeLinks = needsCalls ? beforeHead : beforeHead.replace(callsLink, "");
    return `${beforeLinks}${head}${links}</head>${beforeRoot}<div id="root">${markup.slice(head.length)}</div>${data}${afterRoot}`;
  };
}

/** The link to the chunk that vite.config.ts names `calls`. */
function findCallsLink(html: string, manifest: Manifest): string {
  const calls = Object.values(manifest).find((entry) => entry?.name === "calls");
  const links = html.match(/<link\b[^>]*>/g) ?? [];
  return links.find((link) => calls && link.includes(`/${calls.file}"`)) ?? "";
}

/** Links to the files of a module and of what it imports, other than those that every page loads. */
function moduleLinks(manifest: Manifest, module: string, template: string): string {
  const scripts = new Set<string>();
  const styles = new Set<string>();
  const visit = (name: string) => {
    const entry = manifest[name];
    if (!entry || scripts.has(entry.file)) return;
    scripts.add(entry.file);
    for (const file of entry.css ?? []) styles.add(file);
    for (const imported of entry.imports ?? []) visit(imported);
  };
  visit(module);
  const isNew = (file: string) => !template.includes(file);
  return [
    ...[...styles]
      .filter(isNew)
      .map((file) => `<link rel="stylesheet" href="${sitePath(`/${file}`)}" />`),
    ...[...scripts]
      .filter(isNew)
      .map(
        (file) =>
          `<link rel="modulepreload" crossorigin fetchpriority="low" href="${sitePath(`/${file}`)}" />`,
      ),
  ].join("");
}
