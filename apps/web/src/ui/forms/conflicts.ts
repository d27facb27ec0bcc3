/** The values of a resource's fields at one etag. */
export type Revision<T> = { values: T; etag: string };

/** A field that two people have changed differently, or that the other one alone has changed. */
export type Conflict<T> = {
  field: keyof T & string;
  label: string;
  theirs: T[keyof T];
  /** Undefined when the user has not changed the field. */
  mine: T[keyof T] | undefined;
};

type Labels<T> = Partial<Record<keyof T & string, string>>;

/** The fields with a label whose values differ. */
export function changedFields<T extends object>(
  before: T,
  after: T,
  labels: Labels<T>,
): (keyof T & string)[] {
  const fields = Object.keys(labels) as (keyof T & string)[];
  return fields.filter((field) => before[field] !== after[field]);
}

/** What somebody else has changed since `base`, beside the user's own values. */
export function findConflicts<T extends object>(
  base: T,
  mine: T,
  theirs: T,
  labels: Labels<T>,
): Conflict<T>[] {
  return changedFields(base, theirs, labels)
    .filter((field) => mine[field] !== theirs[field])
    .map((field) => ({
      field,
      label: labels[field] ?? field,
      theirs: theirs[field],
      mine: mine[field] === base[field] ? undefined : mine[field],
    }));
}
