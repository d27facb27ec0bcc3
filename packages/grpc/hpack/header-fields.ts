/** Names and values alternately: [name, value, name, value, …]; one latin1 character for each byte. */
export type HeaderFields = readonly string[];
