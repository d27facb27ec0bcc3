/** Names and values in turn: [name, value, name, value, …]; one latin1 character for each byte. */
export type HeaderFields = readonly string[];
