import type { ScriptStep } from "../testing/script.ts";

/**
 * One item of the check list for servers that h2spec has published. The list speaks of any HTTP/2
 * server and its valid request is a GET; here it is a call of grpc.testing.TestService/EmptyCall.
 */
export type ServerCase = {
  /**
   * Suite, section and place in the section, as in the list. Sections are those of RFC 7540; in
   * RFC 9113 its 3.5 is 3.4, 5.3.1 is gone, 8.1.2.1 is 8.3, 8.1.2.2 is 8.2.2, 8.1.2.3 is 8.3.1,
   * 8.1.2.6 is 8.1.1 and 8.2 is 8.4. What must happen is what RFC 9113 says.
   */
  readonly id: string;
  /** The end of a sentence that begins with "The server". */
  readonly must: string;
  /** Set where the steps themselves begin with the preface. */
  readonly sendsOwnPreface?: true;
  readonly steps: readonly ScriptStep[];
};
