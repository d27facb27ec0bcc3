import { gzipSync } from "node:zlib";

/** A request to every transcoder. Its name is what it is listed by where answers differ. */
export type PeerRequest = {
  readonly name: string;
  readonly method: string;
  readonly target: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Uint8Array;
};

const json = { "content-type": "application/json" };

function request(
  method: string,
  target: string,
  body = "",
  headers: Readonly<Record<string, string>> = body === "" ? {} : json,
): PeerRequest {
  const isUntyped = body !== "" && !("content-type" in headers);
  const shown = Object.entries(isUntyped ? { ...headers, "content-type": "" } : headers)
    .filter(
      ([name, value]) => body === "" || json["content-type"] !== value || name !== "content-type",
    )
    .map(([name, value]) => `[${name}: ${value}]`);
  return {
    name: [method, target, ...shown, body].filter(Boolean).join(" "),
    method,
    target,
    headers,
    body,
  };
}

const get = (target: string) => request("GET", target);
const create = (body: string) => request("POST", "/v1/things", body);
const values = (member: string) => create(`{"values":{${member}}}`);

const routes = [
  "/v1/things",
  "/v1/things/",
  "/v1/things//",
  "/v1//things",
  "//v1/things",
  "/v1/things/a",
  "/v1/things/a/",
  "/v1/things/a/b",
  "/v1/things/a:",
  "/v1/things/a::",
  "/v1/things/:",
  "/v1/things/a:archive",
  "/v1/things/a:other",
  "/v1/things/a:b:archive",
  "/v1/things/a:archive:",
  "/v1/things/:archive",
  "/v1/things/a%3Aarchive",
  "/v1/things/a:%61rchive",
  "/v1/things:",
  "/v1/things:search",
  "/v1/things:search:",
  "/v1/things:other",
  "/v1/things%3Asearch",
  "/v1/th%69ngs/a",
  "/V1/things/a",
  "/v1/things/.",
  "/v1/things/..",
  "/v1/shelves/1/books/2",
  "/v1/shelves/1/books",
  "/v1/shelves/1/books/",
  "/v1/shelves//books/2",
  "/v1/shelves/first/books/2",
  "/v1/shelves/1/books/2/3",
  "/v1/shelves/1/books/2:",
  "/v1/files",
  "/v1/files/",
  "/v1/files/a",
  "/v1/files/a/b/c",
  "/v1/files/a//b",
  "/v1/files/a/",
  "/v1/files/a:b",
  "/v1/files/a/b:",
  "/v1/trees:leaves",
  "/v1/trees/a:leaves",
  "/v1/trees/a/b:leaves",
  "/v1/trees/a/b:",
  "/v1/trees/a/b",
  "/v1/a%20b/x",
  "/v1/a b/x",
  "/v1/nothing",
  "/",
].map(get);

const methods = ["DELETE", "POST", "PUT", "PATCH", "HEAD", "OPTIONS", "LINK"].flatMap((method) => [
  request(method, "/v1/things/a"),
  request(method, "/v1/things/a:"),
  request(method, "/v1/things/a:archive"),
  request(method, "/v1/nothing"),
]);

const escapes = [
  "a%2Fb",
  "a%2fb",
  "a%252Fb",
  "a%20b",
  "a+b",
  "a%2Bb",
  "%C3%A9",
  "é",
  "%E4",
  "%",
  "%2",
  "%zz",
  "%00",
  "%7F",
  "%25",
  "a%3Fb",
  "a%23b",
  "~-._!$&'()*,;=@",
]
  .flatMap((segment) => [
    `/v1/things/${segment}`,
    `/v1/files/x/${segment}`,
    `/v1/shelves/${segment}/books/b`,
  ])
  .map((path) => get(encodeRaw(path)));

/** A target is sent as bytes. */
function encodeRaw(path: string): string {
  return Buffer.from(path).toString("latin1");
}

const inPath = [
  "int32/5 int32/-5 int32/+5 int32/05 int32/0x10 int32/1e3 int32/1.0 int32/2147483648 int32/5%20 int32/x",
  "int64/9007199254740993 int64/-9223372036854775808 int64/9223372036854775808 int64/1_000",
  "uint64/18446744073709551615 uint64/-1",
  "bool/true bool/false bool/1 bool/True bool/t bool/yes",
  "double/1.5 double/1e3 double/NaN double/-Infinity double/inf double/1e400 double/0x1p3 double/.5",
  "kind/KIND_MAP kind/2 kind/77 kind/KIND_CD kind/kind_map",
  "bytes/AQI= bytes/AQI bytes/-_8 bytes/%2B%2F8%3D bytes/A*B",
  "timestamp/2026-01-31T09:30:00Z timestamp/2026-02-30T00:00:00Z timestamp/2026-01-31T24:00:00Z timestamp/x",
].flatMap((line) => line.split(" ").map((path) => get(`/v1/${path}`)));

const queries = [
  "name=a",
  "name=a&name=b",
  "name=",
  "name",
  "=a",
  "&&name=a&",
  "name=a%20b",
  "name=a+b",
  "name=a%2Bb",
  "name=%zz",
  "name=%FF",
  "name=a;b",
  "n%61me=a",
  "nothing=1",
  "values.nothing=1",
  "count=5",
  "count=x",
  "count=",
  "count=0x10",
  "count=5&count=6",
  "values.int64_value=9007199254740993",
  "values.int64Value=9007199254740993",
  "values.uint64Value=-1",
  "values.doubleValue=1.5",
  "values.doubleValue=NaN",
  "values.floatValue=1.1",
  "values.floatValue=1e39",
  "values.boolValue=true",
  "values.boolValue=1",
  "values.bytesValue=AQI",
  "values.bytesValue=AQI%3D",
  "values.bytesValue=-_8",
  "values.kind=KIND_MAP",
  "values.kind=2",
  "values.kind=77",
  "values.kinds=1&values.kinds=KIND_MAP",
  "values.strings=a&values.strings=b",
  "values.numbers=1&values.numbers=x",
  "values.strings=a,b",
  "values.inner.inner.stringValue=a",
  "values.inner=a",
  "values=%7B%7D",
  "values.list=a",
  "values.labels[a]=1",
  "values.labels[a]=1&values.labels[b]=2",
  "values.labels=a",
  "values.flags[5]=true",
  "values.flags[x]=true",
  "values.word=a",
  "values.word=a&values.amount=1",
  "values.other.stringValue=a",
  "values.optionalInt32=0",
  "values.timestamp=2026-01-31T09:30:00Z",
  "values.timestamp=2026-02-30T00:00:00Z",
  "values.timestamp=2026-01-31T09:30:00%2B01:00",
  "values.duration=1.5s",
  "values.duration=5",
  "values.mask=a,b.c",
  "values.mask=fooBar",
  "values.mask=foo_bar",
  "values.wrappedInt64=5",
  "values.wrappedInt64=",
  "values.wrappedString=a",
  "values.struct=%7B%22a%22:1%7D",
  "values.value=1",
  "values.any=a",
  "fail_with=5",
  "failWith=5",
].map((query) => get(`/v1/things?${query}`));

const pathAndQuery = [
  get("/v1/things/a?name=b"),
  get("/v1/things/a?name=a"),
  get("/v1/things/a?count=1"),
  request("PATCH", "/v1/things/a?count=1", '{"int32Value":1}'),
  request("PATCH", "/v1/things/a?values.int32Value=1", '{"int32Value":2}'),
  request("POST", "/v1/things?count=1", "{}"),
];

const bodies = [
  create(""),
  create("{}"),
  create(" {} "),
  create("[]"),
  create("null"),
  create("5"),
  create('{"name":"a"}'),
  create('{"name":"a","name":"b"}'),
  create('{"nothing":1}'),
  create('{"name":"a"'),
  create('{"name":"a"} x'),
  create('{"name":"a"}{"name":"b"}'),
  create('{"name":"a",}'),
  create('{name:"a"}'),
  create("{'name':'a'}"),
  create('{"name":5}'),
  create('{"name":null}'),
  create('{"values":null}'),
  create('{"values":[]}'),
  create('{"update_mask":"name"}'),
  create('{"updateMask":"name"}'),
  create('{"updateMask":"foo_bar"}'),
  create('{"count":"5"}'),
  create('{"name":"\\ud800"}'),
  create('{"name":"\\ud83d\\ude00"}'),
  create('{"name":"a\\u0000b"}'),
  create('{"name":"a\nb"}'),
  create(`{"values":${'{"inner":'.repeat(20)}{}${"}".repeat(20)}}`),
  request("POST", "/v1/strings", '["a","b"]'),
  request("POST", "/v1/strings", '"a"'),
  request("POST", "/v1/strings", "null"),
  request("POST", "/v1/count", "5"),
  request("POST", "/v1/count", '"5"'),
  request("POST", "/v1/count", "x"),
  request("POST", "/v1/count", ""),
  request("PUT", "/v1/things/a", '{"stringValue":"b"}'),
  request("PUT", "/v1/things/a", ""),
  request("PUT", "/v1/things/a", "null"),
  request("PATCH", "/v1/things/a", '{"int32Value":1}'),
  request("PATCH", "/v1/things/a", '{"stringValue":"b","inner":{"kind":"KIND_MAP"}}'),
  request("PATCH", "/v1/things/a", '{"list":[{"kind":1}],"labels":{"a":"b"}}'),
  request("PATCH", "/v1/things/a", "{}"),
  request("PATCH", "/v1/things/a?updateMask=kind", '{"int32Value":1}'),
  request("POST", "/v1/things/a:archive", '{"name":"b"}'),
  request("GET", "/v1/things/a", "{}"),
  request("DELETE", "/v1/things/a", "{}"),
];

const jsonValues = [
  '"int32Value": 5 "5" "1.0" 1.0 1e2 "1e2" 1.5 "" "0x10" "05" 2147483648 -0 true',
  '"int64Value": 5 "5" "1.0" "1e2" 1e2 9007199254740993 "9007199254740993" 9223372036854775808 "" "x" 1.5 "1.5" "1e30"',
  '"uint32Value": -1 4294967295 4294967296',
  '"uint64Value": 18446744073709551615 "18446744073709551615" -1 "-1" "-0"',
  '"doubleValue": 1.5 "1.5" "NaN" "nan" "Infinity" "-Infinity" NaN -0 1e400 "1e400" "" "0x10" ".5" 9007199254740993 1e21 1e-7',
  '"floatValue": 1.1 3.4028235e38 1e39 1e-45 -0 16777217 0.1',
  '"boolValue": true false "true" 1 null',
  '"stringValue": "" 5 true',
  '"bytesValue": "AQI=" "AQI" "-_8=" "+/8=" "+_8=" "AQ==AQ==" "A" "AR==" "=" 5',
  '"kind": "KIND_MAP" 2 77 "2" "KIND_CD" "kind_map" 1.5 null',
  '"strings": ["a"] [] [null] "a" null',
  '"numbers": ["1",2]',
  '"kinds": [1,"KIND_MAP",77]',
  '"inner": {} null [] ""',
  '"list": [{},{}] [null] {}',
  '"labels": {} {"a":"b"} {"a":null} {"a":1} null',
  '"flags": {"5":true} {"-1":false} {"x":true} {"0x10":true} {"05":true} {"5":"true"}',
  '"word": "" "a" null',
  '"optionalInt32": 0 null',
  '"timestamp": "2026-01-31T09:30:00Z" "2026-01-31T09:30:00.5Z" "2026-01-31T09:30:00.123456789Z" "2026-01-31T09:30:00+01:00" "2026-02-30T00:00:00Z" "2026-04-31T00:00:00Z" "2026-01-31T24:00:00Z" "2026-01-31T23:59:60Z" "2026-01-31T00:00:00+24:00" "2026-01-31T00:00:00" "2026-01-31" "0001-01-01T00:00:00Z" "0000-12-31T23:59:59Z" "9999-12-31T23:59:59.999999999Z" "2026-01-31t09:30:00z" "" null 5',
  '"duration": "1s" "1.5s" "-1.5s" "-0.5s" "1" "1.0000000001s" "1sx" "315576000000s" "315576000001s" "" null',
  '"mask": "a" "a.b,c" "fooBar" "foo_bar" "a,,b" "" "a,"',
  '"wrappedInt64": 5 "5" null 9007199254740993',
  '"wrappedString": "" null 5',
  '"struct": {} {"a":1} {"a":{"b":[1,null,"x"]}} {"a":"\\ud800"} {"\\ud800":1} {"a":1,"a":2} [] null',
  '"value": null 1 "a" [1] {} 1e400 -0 9007199254740993',
  '"any": {} {"@type":"type.googleapis.com/google.protobuf.Duration","value":"1s"} {"@type":"type.googleapis.com/peers.v1.Values","kind":"KIND_MAP"} {"@type":"type.googleapis.com/no.Such"} {"value":1}',
].flatMap((line) => {
  const [name = "", list = ""] = line.split(/: (.*)/);
  return list.split(" ").map((value) => values(`${name}:${value}`));
});

const oneofs = [
  values('"word":"a","amount":1'),
  values('"word":"a","amount":null'),
  values('"word":"a","other":{}'),
  values('"other":null'),
];

const contentTypes = [
  "application/json",
  "application/json; charset=utf-8",
  "application/json;charset=UTF-8",
  "application/json; charset=latin1",
  "APPLICATION/JSON",
  "application/merge-patch+json",
  "text/plain",
  "text/json",
  "application/xml",
  "application/x-www-form-urlencoded",
  "",
].map((type) =>
  request("POST", "/v1/things", '{"name":"a"}', type === "" ? {} : { "content-type": type }),
);

const headers: PeerRequest[] = [
  ...["gzip", "GZIP", "x-gzip", "identity", "br", ""].map((encoding) => {
    const text = '{"name":"a"}';
    const plain = request("POST", "/v1/things", text, { ...json, "content-encoding": encoding });
    return /gzip/i.test(encoding) ? { ...plain, body: gzipSync(text) } : plain;
  }),
  ...["1S", "28H", "597H", "99999999H", "0S", "x", "1.5S", "100000000S"].map((timeout) =>
    request("GET", "/v1/things/a", "", { "grpc-timeout": timeout }),
  ),
  ...["application/json", "*/*", "text/html", "application/xml"].map((accept) =>
    request("GET", "/v1/things/a", "", { accept }),
  ),
  request("POST", "/v1/things/a", "", {
    "content-type": "application/x-www-form-urlencoded",
    "x-http-method-override": "GET",
  }),
  request("GET", "/v1/things/a", "", { "x-a-bin": "a*b" }),
];

const failures = Array.from({ length: 16 }, (_, i) => get(`/v1/things/a?failWith=${i + 1}`));

const responses = [
  get("/v1/first"),
  get("/v1/first?values.int32Value=1"),
  get("/v1/labels"),
  get("/v1/labels?values.labels[a]=b"),
  get("/v1/number"),
  get("/v1/number?values.optionalInt32=0"),
  get("/v1/number?values.optionalInt32=5"),
  get("/v1/download?name=a,b"),
  get("/v1/download"),
  request("OPTIONS", "/v1/probe"),
  request("GET", "/v1/probe"),
  get("http://example.org/v1/things/a"),
  request("OPTIONS", "*"),
];

const all = [
  ...routes,
  ...methods,
  ...escapes,
  ...inPath,
  ...queries,
  ...pathAndQuery,
  ...bodies,
  ...jsonValues,
  ...oneofs,
  ...contentTypes,
  ...headers,
  ...failures,
  ...responses,
];

/** Each request once. */
export const requests: readonly PeerRequest[] = [
  ...new Map(all.map((one) => [one.name, one])).values(),
];
