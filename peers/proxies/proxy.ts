import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import type { KeyPair } from "../../apps/cli/certificates.ts";
import { freePort, waitForPort } from "../ports.ts";

/** A reverse proxy that ends TLS, by the name that test titles give it. */
export type ProxyKind = "nginx" | "HAProxy, HTTP/1.1 upstream" | "HAProxy, HTTP/2 upstream";

/** One that runs. */
export type RunningProxy = { readonly port: number; stop(): Promise<void> };

/** Everything that is not here stays at its default, buffering above all. */
const configs: Readonly<Record<ProxyKind, (port: number, upstream: number) => string>> = {
  // gRPC goes to the same port over HTTP/2, everything else over HTTP/1.1.
  nginx: (port, upstream) => `
    daemon off;
    error_log stderr warn;
    pid nginx.pid;
    events {}
    http {
      access_log off;
      client_body_temp_path body; proxy_temp_path proxy; fastcgi_temp_path f; uwsgi_temp_path u; scgi_temp_path s;
      server {
        listen 127.0.0.1:${port} ssl http2;
        ssl_certificate cert.pem;
        ssl_certificate_key cert.pem;
        location / {
          if ($http_content_type ~ "^application/grpc($|\\+|;)") { grpc_pass grpc://127.0.0.1:${upstream}; }
          proxy_pass http://127.0.0.1:${upstream};
          proxy_http_version 1.1;
          proxy_set_header Host $http_host;
          proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
          proxy_set_header X-Forwarded-Proto $scheme;
        }
      }
    }`,
  "HAProxy, HTTP/1.1 upstream": (port, upstream) => haproxy(port, upstream, "proto h1"),
  "HAProxy, HTTP/2 upstream": (port, upstream) => haproxy(port, upstream, "proto h2"),
};

function haproxy(port: number, upstream: number, protocol: string): string {
  return `
defaults
  mode http
  timeout connect 5s
  timeout client 60s
  timeout server 60s
  option forwardfor
frontend tls
  bind 127.0.0.1:${port} ssl crt cert.pem alpn h2,http/1.1
  http-request set-header X-Forwarded-Proto https
  default_backend plaza
backend plaza
  server plaza 127.0.0.1:${upstream} ${protocol}
`;
}

/** Starts a proxy with a certificate before a port of this machine. */
export async function startProxy(
  kind: ProxyKind,
  upstream: number,
  { cert, key }: KeyPair,
): Promise<RunningProxy> {
  const folder = mkdtempSync(path.join(tmpdir(), "plaza-proxy-"));
  // Its workers may run as another user.
  chmodSync(folder, 0o711);
  const port = await freePort();
  writeFileSync(path.join(folder, "cert.pem"), `${cert}${key}`);
  writeFileSync(path.join(folder, "config"), configs[kind](port, upstream));
  const [program, ...args] =
    kind === "nginx"
      ? (["nginx", "-p", folder, "-c", "config"] as const)
      : (["haproxy", "-db", "-f", "config"] as const);
  const child = spawn(program, args, { cwd: folder, stdio: ["ignore", "inherit", "inherit"] });
  await waitForPort(port);
  return {
    port,
    async stop() {
      if (child.exitCode === null) {
        child.kill("SIGTERM");
        await once(child, "exit");
      }
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
