// What a careful developer would write with grpc-gateway, grpc-go and pgx, on the tables of Plaza's posts.
package main

import (
	"context"
	"fmt"
	"log"
	"net"
	"net/http"
	"os"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	pb "bench/grpc-gateway/gen/bench/posts/v1"
)

func main() {
	if err := run(context.Background()); err != nil {
		log.Fatal(err)
	}
}

func run(ctx context.Context) error {
	pool, err := openPool(ctx)
	if err != nil {
		return err
	}
	defer pool.Close()
	accessLog, err := openAccessLog(os.Getenv("LOG_FILE"))
	if err != nil {
		return err
	}
	tokens, err := newTokenVerifier(ctx, os.Getenv("JWKS_URL"))
	if err != nil {
		return err
	}
	server, err := newGRPCServer(accessLog, tokens)
	if err != nil {
		return err
	}
	pb.RegisterPostServiceServer(server, &postService{store: &postStore{pool: pool}})

	socket := os.Getenv("GRPC_SOCKET")
	internal, err := net.Listen("unix", socket)
	if err != nil {
		return err
	}
	failed := make(chan error, 2)
	go func() { failed <- server.Serve(internal) }()

	gateway, err := newGateway(ctx, "unix:"+socket)
	if err != nil {
		return err
	}
	mux := http.NewServeMux()
	mux.Handle("/v1/", gateway)
	mux.Handle("GET /metrics", promhttp.Handler())
	external, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	fmt.Printf("http://%s\n", external.Addr())
	go func() {
		web := http.Server{Handler: mux, ReadHeaderTimeout: 10 * time.Second}
		failed <- web.Serve(external)
	}()
	return <-failed
}

// The server, the user and the database come from PGHOST, PGUSER and PGDATABASE.
func openPool(ctx context.Context) (*pgxpool.Pool, error) {
	config, err := pgxpool.ParseConfig("")
	if err != nil {
		return nil, err
	}
	size, err := strconv.Atoi(os.Getenv("POOL_SIZE"))
	if err != nil {
		return nil, err
	}
	config.MaxConns = int32(size)
	return pgxpool.NewWithConfig(ctx, config)
}
