/** What the clients of every suite record about their requests. */
export type ClientHistory = {
  /** Responses that a correct server never gives. */
  readonly unexpectedErrors: string[];
  /** Requests whose first response was lost; each was repeated until one arrived. */
  indeterminate: number;
};

export function createClientHistory(): ClientHistory {
  return { unexpectedErrors: [], indeterminate: 0 };
}
