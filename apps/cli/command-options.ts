/** Options of the command line. */
export type CommandOptions = { readonly split: boolean };
