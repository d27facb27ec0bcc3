import { Children, type ReactNode } from "react";
import type { MessageValues } from "../../gen/messages/values.ts";
import { formatParts, type MessageId } from "../lib/messages.ts";

type Tag = (content: ReactNode) => ReactNode;

type TransProps<Id extends MessageId> = {
  id: Id;
  values: MessageValues<ReactNode, Tag>[Id];
};

/**
 * A text of the site with elements in it: `values` has an element for an argument, and for a tag a function that
 * wraps what the tag holds.
 */
export function Trans<Id extends MessageId>({ id, values }: TransProps<Id>): ReactNode {
  return Children.toArray(formatParts<ReactNode>(id, wrapTags(values)));
}

/** Tags are called with a list of parts, which lack keys. */
function wrapTags(values: object): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(values).map(([name, value]: [string, unknown]) => [
      name,
      typeof value === "function"
        ? (parts: ReactNode[]) => (value as Tag)(Children.toArray(parts))
        : value,
    ]),
  );
}
