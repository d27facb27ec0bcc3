/** The flags that commands share. */
export type CommandOptions = { readonly split: boolean };
