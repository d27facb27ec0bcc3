import type { ConnectionConfig } from "@plaza/kit/db/connection-config";
import { connect } from "@plaza/kit/db/database";

/**
 * Copies the users' cards into a table beside the posts. A server with one database has them there and joins,
 * where Plaza, whose services have a database each, reads them with a second statement.
 */
export async function copyAuthors(
  connectionConfig: (database: string) => ConnectionConfig,
): Promise<void> {
  const users = connect(connectionConfig("postgres_users"), { max: 1 });
  const posts = connect(connectionConfig("postgres_posts"), { max: 1 });
  try {
    const cards = await users`select id, nickname, first_name, last_name, avatar_url from profile`;
    await posts`
      create table author (
        id uuid primary key,
        nickname text not null,
        first_name text not null,
        last_name text not null,
        avatar_url text not null
      )`;
    await posts`insert into author ${posts(cards)}`;
    await posts`analyze author`;
  } finally {
    await Promise.all([users.end(), posts.end()]);
  }
}
