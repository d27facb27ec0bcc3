package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"io"
	"os"
	"strconv"
	"sync"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/keepalive"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
)

// A call to make: see ../../README.md.
type plan struct {
	ID         int    `json:"id"`
	Kind       string `json:"kind"`
	Count      int    `json:"count"`
	Size       int    `json:"size"`
	Gzip       bool   `json:"gzip"`
	PingPong   bool   `json:"pingPong"`
	IdleMs     int    `json:"idleMs"`
	DelayMs    int    `json:"delayMs"`
	DeadlineMs int    `json:"deadlineMs"`
	CancelMs   *int   `json:"cancelMs"`
	Status     int    `json:"status"`
	Early      int    `json:"early"`
	Text       string `json:"text"`
	Bytes      string `json:"bytes"`
}

type outcome struct {
	ID       int    `json:"id"`
	Code     int    `json:"code"`
	Messages int    `json:"messages"`
	Intact   bool   `json:"intact"`
	Detail   string `json:"detail"`
}

func call(port string, given settings) {
	options := []grpc.DialOption{
		grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithDefaultCallOptions(grpc.ForceCodec(bytesCodec{})),
	}
	if given.KeepaliveMs > 0 {
		options = append(options, grpc.WithKeepaliveParams(keepalive.ClientParameters{
			Time: time.Duration(given.KeepaliveMs) * time.Millisecond, PermitWithoutStream: true,
		}))
	}
	connection, err := grpc.NewClient("127.0.0.1:"+port, options...)
	if err != nil {
		fail(err)
	}
	slots := make(chan struct{}, max(given.Concurrency, 1))
	var running sync.WaitGroup
	var lock sync.Mutex
	output := json.NewEncoder(os.Stdout)
	lines := bufio.NewScanner(os.Stdin)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var p plan
		if err := json.Unmarshal(lines.Bytes(), &p); err != nil {
			fail(err)
		}
		slots <- struct{}{}
		running.Add(1)
		go func() {
			defer running.Done()
			result := p.run(connection)
			lock.Lock()
			defer lock.Unlock()
			_ = output.Encode(result)
			<-slots
		}()
	}
	running.Wait()
}

func (p plan) run(connection *grpc.ClientConn) outcome {
	ctx, cancel := context.WithCancel(p.metadata())
	defer cancel()
	if p.CancelMs != nil {
		defer time.AfterFunc(time.Duration(*p.CancelMs)*time.Millisecond, cancel).Stop()
	}
	if p.DeadlineMs > 0 {
		limited, end := context.WithTimeout(ctx, time.Duration(p.DeadlineMs)*time.Millisecond)
		defer end()
		ctx = limited
	}
	message := p.message()
	result := outcome{ID: p.ID, Intact: true}
	var header, trailer metadata.MD
	options := []grpc.CallOption{grpc.Header(&header), grpc.Trailer(&trailer)}
	if p.Gzip {
		options = append(options, grpc.UseCompressor("gzip"))
	}
	keep := func(reply []byte) {
		result.Messages++
		result.Intact = result.Intact && bytes.Equal(reply, message)
	}
	var err error
	switch p.Kind {
	case "unary":
		var reply []byte
		if err = connection.Invoke(ctx, "/"+service+"/Unary", &message, &reply, options...); err == nil {
			keep(reply)
		}
	case "collect":
		err = p.stream(ctx, connection, "Collect", options, keep)
	case "expand":
		err = p.stream(ctx, connection, "Expand", options, keep)
	default:
		err = p.stream(ctx, connection, "Chat", options, keep)
	}
	state := status.Convert(err)
	result.Code, result.Detail = int(state.Code()), state.Message()
	if result.Code == p.Status {
		values := append(header.Get("echo-text"), trailer.Get("echo-text")...)
		bin, _ := base64.StdEncoding.DecodeString(p.Bytes)
		binary := append(trailer.Get("echo-bytes-bin"), header.Get("echo-bytes-bin")...)
		if p.Text != "" && (len(values) == 0 || values[0] != p.Text) ||
			len(bin) > 0 && (len(binary) == 0 || binary[0] != string(bin)) {
			result.Intact = false
		}
	}
	return result
}

func (p plan) stream(
	ctx context.Context, connection *grpc.ClientConn, method string, options []grpc.CallOption, keep func([]byte),
) error {
	isChat := method == "Chat"
	description := &grpc.StreamDesc{ClientStreams: method != "Expand", ServerStreams: method != "Collect"}
	stream, err := connection.NewStream(ctx, description, "/"+service+"/"+method, options...)
	if err != nil {
		return err
	}
	message := p.message()
	count := p.Count
	if method == "Expand" {
		count = 1
	}
	turns := make(chan struct{}, 1)
	go func() {
		for range count {
			if stream.SendMsg(&message) != nil {
				return
			}
			time.Sleep(time.Duration(p.IdleMs) * time.Millisecond)
			if isChat && p.PingPong {
				select {
				case <-turns:
				case <-ctx.Done():
					return
				}
			}
		}
		if p.Early == 0 {
			_ = stream.CloseSend()
		}
	}()
	for {
		var reply []byte
		err := stream.RecvMsg(&reply)
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		keep(reply)
		if !isChat && method == "Collect" {
			return nil
		}
		select {
		case turns <- struct{}{}:
		default:
		}
	}
}

func (p plan) metadata() context.Context {
	pairs := []string{
		"echo-delay-ms", strconv.Itoa(p.DelayMs), "echo-count", strconv.Itoa(p.Count),
		"echo-status", strconv.Itoa(p.Status), "echo-early", strconv.Itoa(p.Early),
	}
	if p.Gzip {
		pairs = append(pairs, "echo-gzip", "1")
	}
	if p.Text != "" {
		pairs = append(pairs, "echo-text", p.Text)
	}
	if bin, _ := base64.StdEncoding.DecodeString(p.Bytes); len(bin) > 0 {
		pairs = append(pairs, "echo-bytes-bin", string(bin))
	}
	return metadata.AppendToOutgoingContext(context.Background(), pairs...)
}

// A google.protobuf.BytesValue: what it holds depends on the call, and compresses somewhat.
func (p plan) message() []byte {
	if p.Size == 0 {
		return []byte{}
	}
	value := []byte{0x0a}
	for size := p.Size; ; size >>= 7 {
		if size < 0x80 {
			value = append(value, byte(size))
			break
		}
		value = append(value, byte(size)|0x80)
	}
	for index := range p.Size {
		value = append(value, byte((p.ID+index)*7%251))
	}
	return value
}
