// JSON schemas: Fastify validates requests by them, and compiles them into the serializers of responses.
const text = { type: "string" };
const time = { type: "string", format: "date-time" };
const uuid = { type: "string", format: "uuid" };
const visibleText = (maxLength: number) => ({ type: "string", maxLength, pattern: "\\S" });

const author = {
  type: "object",
  properties: { id: text, nickname: text, firstName: text, lastName: text, avatarUrl: text },
};

const post = {
  type: "object",
  properties: {
    id: text,
    authorId: text,
    title: text,
    body: text,
    excerpt: text,
    author,
    createTime: time,
    updateTime: time,
  },
};

export const getPostSchema = {
  params: { type: "object", properties: { id: uuid } },
  response: { 200: post },
};

export const listPostsSchema = {
  querystring: {
    type: "object",
    properties: {
      pageSize: { type: "integer", minimum: 0, maximum: 100 },
      pageToken: uuid,
    },
  },
  response: {
    200: {
      type: "object",
      properties: { posts: { type: "array", items: post }, nextPageToken: text },
    },
  },
};

export const createPostSchema = {
  body: {
    type: "object",
    required: ["title", "body"],
    properties: { title: visibleText(125), body: visibleText(20_000) },
  },
  response: { 200: post },
};
