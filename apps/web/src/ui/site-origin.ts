import { createContext } from "react";

/** The origin of the site's public address, for absolute links to its pages. */
export const SiteOrigin = createContext("");
