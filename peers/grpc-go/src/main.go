// The echo service of the soak on grpc-go, as a server and as a client: see ../README.md.
//
//	echo serve <settings>        prints its port, and serves until its input ends
//	echo call <port> <settings>  makes the calls of its input, and prints how each went
package main

import (
	"encoding/json"
	"fmt"
	"os"
)

// Settings of either side; what is zero stays as grpc-go has it.
type settings struct {
	MaxStreams  uint32 `json:"maxStreams"`
	MaxAgeMs    int    `json:"maxAgeMs"`
	KeepaliveMs int    `json:"keepaliveMs"`
	Concurrency int    `json:"concurrency"`
}

const service = "plaza.interop.v1.EchoService"

// The messages are passed on as they are on the wire.
type bytesCodec struct{}

func (bytesCodec) Name() string { return "proto" }

func (bytesCodec) Marshal(value any) ([]byte, error) { return *value.(*[]byte), nil }

func (bytesCodec) Unmarshal(data []byte, value any) error {
	*value.(*[]byte) = append([]byte{}, data...)
	return nil
}

func main() {
	role, last := os.Args[1], os.Args[len(os.Args)-1]
	var given settings
	if err := json.Unmarshal([]byte(last), &given); err != nil {
		fail(err)
	}
	if role == "serve" {
		serve(given)
	} else {
		call(os.Args[2], given)
	}
}

func fail(err error) {
	fmt.Fprintln(os.Stderr, err)
	os.Exit(1)
}
