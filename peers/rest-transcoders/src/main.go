// Serves one contract through grpc-gateway and through vanguard, both before the same gRPC server, and prints their
// ports and the server's. Ends with its standard input.
package main

import (
	"context"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"os"

	"connectrpc.com/vanguard"
	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"
	"google.golang.org/genproto/googleapis/api/httpbody"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	_ "google.golang.org/grpc/encoding/gzip"
	"google.golang.org/grpc/grpclog"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/encoding/protojson"

	peers "plaza.test/rest-transcoders/gen/peers/v1"
)

type things struct {
	peers.UnimplementedThingServiceServer
}

func answer(ctx context.Context, method string, request *peers.Request) (*peers.Reply, error) {
	if err := failure(ctx, request); err != nil {
		return nil, err
	}
	return &peers.Reply{Method: method, Request: request}, nil
}

func failure(ctx context.Context, request *peers.Request) error {
	if request.FailWith == 0 {
		return nil
	}
	_ = grpc.SetTrailer(ctx, metadata.Pairs("cost", "3"))
	failed := status.New(codes.Code(request.FailWith), "failed as asked")
	detailed, err := failed.WithDetails(&errdetails.ErrorInfo{Reason: "ASKED", Domain: "peers"})
	if err != nil {
		return err
	}
	return detailed.Err()
}

func (things) GetThing(ctx context.Context, r *peers.Request) (*peers.Reply, error) {
	return answer(ctx, "GetThing", r)
}
func (things) DeleteThing(ctx context.Context, r *peers.Request) (*peers.Reply, error) {
	return answer(ctx, "DeleteThing", r)
}
func (things) ArchiveThing(ctx context.Context, r *peers.Request) (*peers.Reply, error) {
	return answer(ctx, "ArchiveThing", r)
}
func (things) SearchThings(ctx context.Context, r *peers.Request) (*peers.Reply, error) {
	return answer(ctx, "SearchThings", r)
}
func (things) ListThings(ctx context.Context, r *peers.Request) (*peers.Reply, error) {
	return answer(ctx, "ListThings", r)
}
func (things) CreateThing(ctx context.Context, r *peers.Request) (*peers.Reply, error) {
	return answer(ctx, "CreateThing", r)
}
func (things) UpdateThing(ctx context.Context, r *peers.Request) (*peers.Reply, error) {
	return answer(ctx, "UpdateThing", r)
}
func (things) GetBook(ctx context.Context, r *peers.Request) (*peers.Reply, error) {
	return answer(ctx, "GetBook", r)
}
func (things) GetByPath(ctx context.Context, r *peers.Request) (*peers.Reply, error) {
	return answer(ctx, "GetByPath", r)
}
func (things) Probe(ctx context.Context, r *peers.Request) (*peers.Reply, error) {
	return answer(ctx, "Probe", r)
}
func (things) GetFirst(ctx context.Context, r *peers.Request) (*peers.Reply, error) {
	reply, err := answer(ctx, "GetFirst", r)
	if err == nil && r.Values != nil {
		reply.First = r.Values
		reply.Labels = r.Values.Labels
		reply.Number = r.Values.OptionalInt32
	}
	return reply, err
}
func (things) Download(ctx context.Context, r *peers.Request) (*httpbody.HttpBody, error) {
	return &httpbody.HttpBody{ContentType: "text/csv", Data: []byte(r.Name)}, failure(ctx, r)
}

func listen() net.Listener {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		log.Fatal(err)
	}
	return listener
}

func main() {
	// grpc-gateway logs what it cannot answer.
	grpclog.SetLoggerV2(grpclog.NewLoggerV2(io.Discard, io.Discard, io.Discard))
	log.SetOutput(io.Discard)
	ctx := context.Background()

	backend := listen()
	server := grpc.NewServer()
	peers.RegisterThingServiceServer(server, things{})
	go server.Serve(backend)

	// Both are told to read and write JSON as Plaza does where that is a choice: no defaults, no unknown fields.
	marshaler := &runtime.HTTPBodyMarshaler{Marshaler: &runtime.JSONPb{
		MarshalOptions:   protojson.MarshalOptions{},
		UnmarshalOptions: protojson.UnmarshalOptions{DiscardUnknown: false},
	}}
	mux := runtime.NewServeMux(runtime.WithMarshalerOption(runtime.MIMEWildcard, marshaler))
	dial := []grpc.DialOption{grpc.WithTransportCredentials(insecure.NewCredentials())}
	if err := peers.RegisterThingServiceHandlerFromEndpoint(ctx, mux, backend.Addr().String(), dial); err != nil {
		log.Fatal(err)
	}
	gateway := listen()
	go http.Serve(gateway, mux)

	protocols := new(http.Protocols)
	protocols.SetUnencryptedHTTP2(true)
	proxy := httputil.NewSingleHostReverseProxy(&url.URL{Scheme: "http", Host: backend.Addr().String()})
	proxy.Transport = &http.Transport{Protocols: protocols}
	service := vanguard.NewService("peers.v1.ThingService", proxy,
		vanguard.WithTargetProtocols(vanguard.ProtocolGRPC), vanguard.WithTargetCodecs(vanguard.CodecProto))
	codec := func(resolver vanguard.TypeResolver) vanguard.Codec {
		json := vanguard.NewJSONCodec(resolver)
		json.MarshalOptions.EmitUnpopulated = false
		json.UnmarshalOptions.DiscardUnknown = false
		return json
	}
	transcoder, err := vanguard.NewTranscoder([]*vanguard.Service{service}, vanguard.WithCodec(codec))
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	front := listen()
	go http.Serve(front, transcoder)

	port := func(l net.Listener) int { return l.Addr().(*net.TCPAddr).Port }
	fmt.Printf("{\"backend\":%d,\"grpc-gateway\":%d,\"vanguard\":%d}\n", port(backend), port(gateway), port(front))
	_, _ = io.Copy(io.Discard, os.Stdin)
}
