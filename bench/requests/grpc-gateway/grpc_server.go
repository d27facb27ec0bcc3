package main

import (
	"context"

	"buf.build/go/protovalidate"
	"go.uber.org/zap"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"

	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"

	pb "bench/grpc-gateway/gen/bench/posts/v1"
)

// Records every call, checks the token of writes and validates requests, in this order.
func newGRPCServer(accessLog *zap.Logger, tokens *tokenVerifier) (*grpc.Server, error) {
	validator, err := protovalidate.New()
	if err != nil {
		return nil, err
	}
	validate := func(ctx context.Context, request any, _ *grpc.UnaryServerInfo, next grpc.UnaryHandler) (any, error) {
		if err := validator.Validate(request.(proto.Message)); err != nil {
			return nil, status.Error(codes.InvalidArgument, err.Error())
		}
		return next(ctx, request)
	}
	return grpc.NewServer(grpc.ChainUnaryInterceptor(recordCalls(accessLog), tokens.requireAccount, validate)), nil
}

// Transcodes REST to calls over the given address, as grpc-gateway recommends: called in this process, the server
// would run without its interceptors.
func newGateway(ctx context.Context, address string) (*runtime.ServeMux, error) {
	// Without it responses above 2 kB would be chunked.
	mux := runtime.NewServeMux(runtime.WithWriteContentLength())
	options := []grpc.DialOption{grpc.WithTransportCredentials(insecure.NewCredentials())}
	return mux, pb.RegisterPostServiceHandlerFromEndpoint(ctx, mux, address, options)
}
