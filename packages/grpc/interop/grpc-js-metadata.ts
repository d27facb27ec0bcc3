import { Metadata } from "@grpc/grpc-js";

/** Fetch's headers as grpc-js keeps them: binary values as bytes, not as base64. */
export function toMetadata(headers: HeadersInit | undefined): Metadata {
  const metadata = new Metadata();
  for (const [name, value] of new Headers(headers)) {
    if (!name.endsWith("-bin")) metadata.add(name, value);
    else for (const one of value.split(",")) metadata.add(name, Buffer.from(one, "base64"));
  }
  return metadata;
}

export function toHeaders(metadata: Metadata): Headers {
  const headers = new Headers();
  for (const name of Object.keys(metadata.getMap())) {
    for (const value of metadata.get(name)) {
      headers.append(name, typeof value === "string" ? value : value.toString("base64"));
    }
  }
  return headers;
}
