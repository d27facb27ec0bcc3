/**
 * Prefix of the queries that the chat stream keeps current; they are reset when it stops: on sign-out or a change
 * of account.
 */
export const liveQueryKey = ["live"];
