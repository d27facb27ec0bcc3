import assert from "node:assert/strict";
import type { Contender } from "./contenders.ts";

/** Requests that a server must refuse, and with what status. */
const badRequests = [
  { status: 400, path: "/v1/posts/7" },
  { status: 404, path: "/v1/posts/00000000-0000-7000-8000-000000000000" },
  { status: 400, path: "/v1/posts?pageSize=101" },
  { status: 401, path: "/v1/posts", body: { title: "A post", body: "Text" }, token: "none" },
  { status: 400, path: "/v1/posts", body: { title: " ", body: "Text" } },
  { status: 400, path: "/v1/posts", body: { title: "A post", body: "x".repeat(20_001) } },
];

const postFields = ["id", "authorId", "title", "body", "excerpt"];
const authorFields = ["id", "nickname", "firstName", "lastName", "avatarUrl"];

type Json = Readonly<Record<string, unknown>>;
type Page = { readonly posts: readonly Json[]; readonly nextPageToken: string };

export type AlikeOptions = {
  /** The stored posts. */
  readonly ids: readonly string[];
  readonly newPostJson: string;
  readonly accessToken: string;
};

/** Throws unless all contenders serve the same: a post, two pages of posts, a new post, and refusals. */
export async function assertAlike(
  contenders: readonly Contender[],
  options: AlikeOptions,
): Promise<void> {
  for (const observe of [observeReads, observeRefusals, observeWrite]) {
    const [first, ...others] = contenders;
    const expected = first && (await observe(first, options));
    for (const one of others) assert.deepEqual(await observe(one, options), expected, one.name);
  }
}

async function observeReads({ url }: Contender, { ids: [id] }: AlikeOptions) {
  const post = await readJson<Json>(await fetch(`${url}/v1/posts/${id}`));
  const page = await readJson<Page>(await fetch(`${url}/v1/posts`));
  const nextPage = await readJson<Page>(
    await fetch(`${url}/v1/posts?pageToken=${page.nextPageToken}`),
  );
  return [post, ...page.posts, ...nextPage.posts].map(comparable);
}

async function observeWrite({ url }: Contender, { newPostJson, accessToken }: AlikeOptions) {
  const response = await fetch(`${url}/v1/posts`, postInit(newPostJson, accessToken));
  const { id, ...created } = await readJson<Json>(response);
  const stored = await readJson<Json>(await fetch(`${url}/v1/posts/${id}`));
  assert.deepEqual(comparable(stored).id, id);
  // The excerpt is each server's own, and so are ids and times.
  return [{ ...created, author: undefined }, stored].map((post) => {
    const { id: _id, excerpt: _excerpt, times: _times, ...same } = comparable(post);
    return same;
  });
}

/** Returns the statuses of bad requests, after a check of each. */
async function observeRefusals({ name, url }: Contender, { accessToken }: AlikeOptions) {
  for (const { status, path, body, token = accessToken } of badRequests) {
    const response = await fetch(url + path, body && postInit(JSON.stringify(body), token));
    assert.equal(response.status, status, `${name}: ${path} ${await response.text()}`);
  }
}

function postInit(body: string, accessToken: string): RequestInit {
  const headers = { "content-type": "application/json", authorization: `Bearer ${accessToken}` };
  return { method: "POST", body, headers };
}

async function readJson<T>(response: Response): Promise<T> {
  assert.equal(response.status, 200, `${response.url} ${response.statusText}`);
  return response.json() as Promise<T>;
}

/** What every server says of a post; some leave out what is empty. */
function comparable(post: Json): Json {
  const author = post["author"] as Json | undefined;
  const pick = (from: Json, names: readonly string[]) =>
    Object.fromEntries(names.map((name) => [name, from[name] ?? ""]));
  const times = [post["createTime"], post["updateTime"]].map((time) => Date.parse(String(time)));
  return { ...pick(post, postFields), author: author && pick(author, authorFields), times };
}
