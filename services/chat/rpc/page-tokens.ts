/** Matches a seq in a page token. */
export const seqPattern = /^\d{1,9}$/;
