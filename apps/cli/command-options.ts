/** The flags that commands share. */
export type Flags = { readonly split: boolean };
