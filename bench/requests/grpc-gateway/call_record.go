package main

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"os"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promauto"
	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
)

var (
	callCounter = promauto.NewCounterVec(prometheus.CounterOpts{
		Name: "calls_total",
		Help: "Calls served, by method and status code.",
	}, []string{"method", "code"})
	callDuration = promauto.NewHistogramVec(prometheus.HistogramOpts{
		Name:    "call_seconds",
		Help:    "Duration of calls in seconds, by method.",
		Buckets: []float64{0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10},
	}, []string{"method"})
)

// Writes one JSON object per line, in batches, at least once a second.
func openAccessLog(name string) (*zap.Logger, error) {
	file, err := os.Create(name)
	if err != nil {
		return nil, err
	}
	config := zap.NewProductionEncoderConfig()
	config.TimeKey = "time"
	config.EncodeTime = zapcore.ISO8601TimeEncoder
	sink := &zapcore.BufferedWriteSyncer{WS: file, Size: 4_096, FlushInterval: time.Second}
	return zap.New(zapcore.NewCore(zapcore.NewJSONEncoder(config), sink, zap.InfoLevel)), nil
}

// Logs and counts every call.
func recordCalls(accessLog *zap.Logger) grpc.UnaryServerInterceptor {
	return func(ctx context.Context, request any, info *grpc.UnaryServerInfo, next grpc.UnaryHandler) (any, error) {
		startedAt := time.Now()
		caller := &account{}
		response, err := next(context.WithValue(ctx, accountKey{}, caller), request)
		duration := time.Since(startedAt)
		code := status.Code(err).String()
		callCounter.WithLabelValues(info.FullMethod, code).Inc()
		callDuration.WithLabelValues(info.FullMethod).Observe(duration.Seconds())
		fields := []zap.Field{
			zap.String("method", info.FullMethod),
			zap.String("code", code),
			zap.Float64("ms", float64(duration.Round(10*time.Microsecond))/float64(time.Millisecond)),
			zap.String("trace", traceID(ctx)),
		}
		if caller.id != "" {
			fields = append(fields, zap.String("account", caller.id))
		}
		if err != nil {
			fields = append(fields, zap.Error(err))
		}
		accessLog.Info("call", fields...)
		return response, err
	}
}

// The trace id of the caller's traceparent (W3C Trace Context), or a new one.
func traceID(ctx context.Context) string {
	for _, value := range metadata.ValueFromIncomingContext(ctx, "traceparent") {
		if parts := strings.Split(value, "-"); len(parts) == 4 {
			return parts[1]
		}
	}
	var id [16]byte
	rand.Read(id[:])
	return hex.EncodeToString(id[:])
}
