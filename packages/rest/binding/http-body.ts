import type { Binding } from "./bindings.ts";

const httpBodyTypeName = "google.api.HttpBody";

/** Whether the body's bytes go into a google.api.HttpBody, whatever they are. */
export function acceptsHttpBody({ method, body }: Binding): boolean {
  if (body.kind === "none") return false;
  return (body.kind === "all" ? method.input : body.field.message)?.typeName === httpBodyTypeName;
}

/** Whether responses are the bytes of a google.api.HttpBody. */
export function returnsHttpBody({ method, responseField }: Binding): boolean {
  return (responseField?.message ?? method.output).typeName === httpBodyTypeName;
}
