package main

import (
	"context"
	"strings"

	"github.com/MicahParks/keyfunc/v3"
	"github.com/golang-jwt/jwt/v5"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	pb "bench/grpc-gateway/gen/bench/posts/v1"
)

// The account that makes a call; its id is empty without a token.
type account struct{ id string }

type accountKey struct{}

func callerOf(ctx context.Context) *account {
	return ctx.Value(accountKey{}).(*account)
}

// Verifies the access tokens of Plaza: JWTs signed with EdDSA.
type tokenVerifier struct {
	keys   jwt.Keyfunc
	parser *jwt.Parser
}

func newTokenVerifier(ctx context.Context, jwksURL string) (*tokenVerifier, error) {
	keys, err := keyfunc.NewDefaultCtx(ctx, []string{jwksURL})
	if err != nil {
		return nil, err
	}
	parser := jwt.NewParser(
		jwt.WithValidMethods([]string{jwt.SigningMethodEdDSA.Alg()}),
		jwt.WithIssuer("plaza"),
		jwt.WithAudience("plaza"),
		jwt.WithExpirationRequired(),
	)
	return &tokenVerifier{keys: keys.Keyfunc, parser: parser}, nil
}

// Reads the caller of a write from its token; reads need none.
func (v *tokenVerifier) requireAccount(
	ctx context.Context, request any, info *grpc.UnaryServerInfo, next grpc.UnaryHandler,
) (any, error) {
	if info.FullMethod == pb.PostService_CreatePost_FullMethodName {
		var claims jwt.RegisteredClaims
		token, err := v.parser.ParseWithClaims(bearerToken(ctx), &claims, v.keys)
		if err != nil || token.Header["typ"] != "at+jwt" {
			return nil, status.Error(codes.Unauthenticated, "the token is invalid, expired or revoked")
		}
		callerOf(ctx).id = claims.Subject
	}
	return next(ctx, request)
}

func bearerToken(ctx context.Context) string {
	for _, value := range metadata.ValueFromIncomingContext(ctx, "authorization") {
		if token, ok := strings.CutPrefix(value, "Bearer "); ok {
			return token
		}
	}
	return ""
}
