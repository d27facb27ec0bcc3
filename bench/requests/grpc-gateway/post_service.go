package main

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/timestamppb"

	pb "bench/grpc-gateway/gen/bench/posts/v1"
)

const (
	defaultPageSize     = 20
	maxExcerptRunes     = 280
	timestampResolution = time.Millisecond
)

type postService struct {
	pb.UnimplementedPostServiceServer
	store *postStore
}

func (s *postService) GetPost(ctx context.Context, request *pb.GetPostRequest) (*pb.Post, error) {
	post, err := s.store.find(ctx, request.Id)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil, status.Errorf(codes.NotFound, "no such post: %q", request.Id)
	}
	return post, err
}

func (s *postService) ListPosts(ctx context.Context, request *pb.ListPostsRequest) (*pb.ListPostsResponse, error) {
	size, before := request.PageSize, request.PageToken
	if size == 0 {
		size = defaultPageSize
	}
	if before == "" {
		before = uuid.Max.String()
	}
	posts, err := s.store.list(ctx, before, size+1)
	if err != nil {
		return nil, err
	}
	response := &pb.ListPostsResponse{Posts: posts}
	if len(posts) > int(size) {
		response.Posts = posts[:size]
		response.NextPageToken = posts[size-1].Id
	}
	return response, nil
}

func (s *postService) CreatePost(ctx context.Context, request *pb.CreatePostRequest) (*pb.Post, error) {
	id, err := uuid.NewV7()
	if err != nil {
		return nil, err
	}
	now := timestamppb.New(time.Now().Truncate(timestampResolution))
	post := &pb.Post{
		Id:         id.String(),
		AuthorId:   callerOf(ctx).id,
		Title:      strings.TrimSpace(request.Title),
		Body:       request.Body,
		Excerpt:    excerptOf(request.Body),
		CreateTime: now,
		UpdateTime: now,
	}
	return post, s.store.create(ctx, post)
}

func excerptOf(body string) string {
	runes := 0
	for index := range body {
		if runes == maxExcerptRunes {
			return body[:index]
		}
		runes++
	}
	return body
}
