package main

import (
	"context"
	"fmt"
	"io"
	"net"
	"os"
	"strconv"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	_ "google.golang.org/grpc/encoding/gzip"
	"google.golang.org/grpc/keepalive"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
)

func serve(given settings) {
	options := []grpc.ServerOption{grpc.ForceServerCodec(bytesCodec{})}
	if given.MaxStreams > 0 {
		options = append(options, grpc.MaxConcurrentStreams(given.MaxStreams))
	}
	parameters := keepalive.ServerParameters{
		MaxConnectionAge: time.Duration(given.MaxAgeMs) * time.Millisecond,
		Time:             time.Duration(given.KeepaliveMs) * time.Millisecond,
	}
	if given.MaxAgeMs > 0 || given.KeepaliveMs > 0 {
		options = append(options, grpc.KeepaliveParams(parameters))
	}
	if given.KeepaliveMs > 0 {
		options = append(options, grpc.KeepaliveEnforcementPolicy(keepalive.EnforcementPolicy{
			MinTime: parameters.Time / 2, PermitWithoutStream: true,
		}))
	}
	server := grpc.NewServer(options...)
	server.RegisterService(&grpc.ServiceDesc{
		ServiceName: service,
		HandlerType: (*any)(nil),
		Methods:     []grpc.MethodDesc{{MethodName: "Unary", Handler: unary}},
		Streams: []grpc.StreamDesc{
			{StreamName: "Collect", Handler: collect, ClientStreams: true},
			{StreamName: "Expand", Handler: expand, ServerStreams: true},
			{StreamName: "Chat", Handler: chat, ClientStreams: true, ServerStreams: true},
		},
	}, struct{}{})
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		fail(err)
	}
	fmt.Println(listener.Addr().(*net.TCPAddr).Port)
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin)
		os.Exit(0)
	}()
	fail(server.Serve(listener))
}

// What a request's metadata asks for.
type wish struct {
	delay   time.Duration
	count   int
	early   int
	code    codes.Code
	initial metadata.MD
	trailer metadata.MD
}

func wishOf(ctx context.Context) wish {
	given, _ := metadata.FromIncomingContext(ctx)
	number := func(name string) int {
		values := given.Get(name)
		if len(values) == 0 {
			return 0
		}
		value, _ := strconv.Atoi(values[0])
		return value
	}
	if given.Get("echo-gzip") != nil {
		_ = grpc.SetSendCompressor(ctx, "gzip")
	}
	return wish{
		delay:   time.Duration(number("echo-delay-ms")) * time.Millisecond,
		count:   number("echo-count"),
		early:   number("echo-early"),
		code:    codes.Code(number("echo-status")),
		initial: metadata.MD{"echo-text": given.Get("echo-text")},
		trailer: metadata.MD{"echo-bytes-bin": given.Get("echo-bytes-bin")},
	}
}

func (w wish) wait(ctx context.Context) error {
	select {
	case <-time.After(w.delay):
		return nil
	case <-ctx.Done():
		return status.FromContextError(ctx.Err()).Err()
	}
}

func (w wish) end() error {
	if w.code == codes.OK {
		return nil
	}
	return status.Error(w.code, "as asked")
}

func unary(_ any, ctx context.Context, decode func(any) error, _ grpc.UnaryServerInterceptor) (any, error) {
	var message []byte
	if err := decode(&message); err != nil {
		return nil, err
	}
	w := wishOf(ctx)
	_ = grpc.SetHeader(ctx, w.initial)
	_ = grpc.SetTrailer(ctx, w.trailer)
	if err := w.wait(ctx); err != nil {
		return nil, err
	}
	return &message, w.end()
}

func begin(stream grpc.ServerStream) (wish, error) {
	w := wishOf(stream.Context())
	_ = stream.SetHeader(w.initial)
	stream.SetTrailer(w.trailer)
	return w, w.wait(stream.Context())
}

func collect(_ any, stream grpc.ServerStream) error {
	w, err := begin(stream)
	if err != nil {
		return err
	}
	var last []byte
	for {
		var message []byte
		err := stream.RecvMsg(&message)
		if err == io.EOF {
			break
		}
		if err != nil {
			return err
		}
		last = message
	}
	if err := w.end(); err != nil {
		return err
	}
	return stream.SendMsg(&last)
}

func expand(_ any, stream grpc.ServerStream) error {
	var message []byte
	if err := stream.RecvMsg(&message); err != nil {
		return err
	}
	w, err := begin(stream)
	if err != nil {
		return err
	}
	for range w.count {
		if err := stream.SendMsg(&message); err != nil {
			return err
		}
	}
	return w.end()
}

func chat(_ any, stream grpc.ServerStream) error {
	w, err := begin(stream)
	if err != nil {
		return err
	}
	for sent := 0; ; sent++ {
		if w.early > 0 && sent == w.early {
			return w.end()
		}
		var message []byte
		err := stream.RecvMsg(&message)
		if err == io.EOF {
			return w.end()
		}
		if err != nil {
			return err
		}
		if err := stream.SendMsg(&message); err != nil {
			return err
		}
	}
}
