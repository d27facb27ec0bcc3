// What a careful developer would write without Plaza: Fastify and postgres.js, one statement for each
// request, on the same tables.
import { randomUUIDv7 } from "node:crypto";
import fastify from "fastify";
import postgres from "postgres";

const { AUTHOR_ID = "" } = process.env;
// The server and the user come from PGHOST and PGUSER.
// One query at a time for each connection, or postgres.js 3.4.9 falls from 23,000 to 8,000 GET/s within
// half a minute: the queue of connections that can take another query grows while all are in use.
const options = { transform: postgres.camel, max_pipeline: 1 };
const posts = postgres({ database: "postgres_posts", ...options });
const users = postgres({ database: "postgres_users", ...options });
const app = fastify();

const findPost = async (id: string) => {
  const [post] = await posts`
    select id, author_id, title, body, excerpt, create_time, update_time from post where id = ${id}`;
  return post;
};

app.get<{ Params: { id: string } }>("/posts/:id", ({ params }) => findPost(params.id));

app.get<{ Params: { id: string } }>("/posts-with-author/:id", async ({ params }) => {
  const post = await findPost(params.id);
  const [author] = await users`
    select id, nickname, first_name, last_name, avatar_url from profile where id = ${post?.["authorId"]}`;
  return { ...post, author };
});

app.post<{ Body: { title: string; body: string } }>("/posts", async ({ body: { title, body } }) => {
  const now = new Date();
  const [post] = await posts`
    insert into post (id, author_id, title, body, excerpt, create_time, update_time)
    values (${randomUUIDv7()}, ${AUTHOR_ID}, ${title}, ${body}, ${body.slice(0, 280)}, ${now}, ${now})
    returning id, author_id, title, body, excerpt, create_time, update_time`;
  return post;
});

console.log(await app.listen({ port: 0, host: "127.0.0.1" }));
