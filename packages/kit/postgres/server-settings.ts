import type { DatabaseCluster } from "./database-cluster.ts";

/**
 * How the embedded server runs: tuned for a laptop, hence small and with few processes, and durable.
 * What is not named keeps PostgreSQL's default; fsync, full_page_writes and synchronous_commit are
 * among that.
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
    // Bounds the disk used and the time that recovery takes.
    max_wal_size: "256MB",
    min_wal_size: "32MB",
    wal_level: "minimal",
    max_wal_senders: 0,
    max_logical_replication_workers: 0,
    max_worker_processes: 2,
    max_parallel_workers: 0,
    autovacuum_max_workers: 2,
    autovacuum_worker_slots: 2,
    // PostgreSQL 18 would start three processes for reading.
    io_method: "sync",
    jit: "off",
    huge_pages: "off",
    // Not the errors of statements, which may quote personal data; Plaza logs them its own way.
    log_min_messages: "log",
    log_checkpoints: "off",
    timezone: "UTC",
    log_timezone: "UTC",
  };
}
