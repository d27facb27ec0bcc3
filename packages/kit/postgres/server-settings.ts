import type { DatabaseCluster } from "./database-cluster.ts";

/**
 * Settings of the embedded server, tuned for a laptop: little memory, few processes, and durable. All others
 * keep PostgreSQL's defaults, among them fsync, full_page_writes and synchronous_commit.
 */
export function serverSettings({
  name,
  socketDir,
}: DatabaseCluster): Record<string, string | number> {
  return {
    cluster_name: name,
    listen_addresses: "",
    unix_socket_directories: socketDir,
    unix_socket_permissions: "0700",
    max_connections: 100,
    shared_buffers: "32MB",
    // Bounds disk usage and recovery time.
    max_wal_size: "256MB",
    min_wal_size: "32MB",
    wal_level: "minimal",
    max_wal_senders: 0,
    max_logical_replication_workers: 0,
    max_worker_processes: 2,
    max_parallel_workers: 0,
    autovacuum_max_workers: 2,
    autovacuum_worker_slots: 2,
    // PostgreSQL 18 would start three I/O workers.
    io_method: "sync",
    jit: "off",
    huge_pages: "off",
    // No errors of statements: they may quote personal data. Plaza logs them without it.
    log_min_messages: "log",
    log_checkpoints: "off",
    timezone: "UTC",
    log_timezone: "UTC",
  };
}
