package main

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	pb "bench/grpc-gateway/gen/bench/posts/v1"
)

const selectPosts = `
	select post.id, author_id, title, body, excerpt, create_time, update_time,
		author.id, nickname, first_name, last_name, avatar_url
	from post left join author on author.id = author_id `

// Inserts a post and its event in one transaction and one round trip.
const insertPost = `
	with created as (
		insert into post (id, author_id, title, body, excerpt, create_time, update_time)
		values ($1, $2, $3, $4, $5, $6, $6) returning id
	)
	insert into event (aggregate_id, type, payload)
	select id::text, $7, $8 from created`

type postStore struct{ pool *pgxpool.Pool }

// Returns pgx.ErrNoRows for an unknown id.
func (s *postStore) find(ctx context.Context, id string) (*pb.Post, error) {
	rows, err := s.pool.Query(ctx, selectPosts+"where post.id = $1", id)
	if err != nil {
		return nil, err
	}
	return pgx.CollectExactlyOneRow(rows, toPost)
}

// Lists the newest posts with an id below the given one.
func (s *postStore) list(ctx context.Context, before string, limit int32) ([]*pb.Post, error) {
	rows, err := s.pool.Query(ctx, selectPosts+"where post.id < $1 order by post.id desc limit $2", before, limit)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, toPost)
}

func (s *postStore) create(ctx context.Context, post *pb.Post) error {
	event := &pb.PostCreated{PostId: post.Id, AuthorId: post.AuthorId}
	payload, err := proto.Marshal(event)
	if err != nil {
		return err
	}
	eventType := string(event.ProtoReflect().Descriptor().FullName())
	_, err = s.pool.Exec(ctx, insertPost, post.Id, post.AuthorId, post.Title, post.Body, post.Excerpt,
		post.CreateTime.AsTime(), eventType, payload)
	return err
}

func toPost(row pgx.CollectableRow) (*pb.Post, error) {
	post := &pb.Post{}
	var createTime, updateTime time.Time
	var authorID, nickname, firstName, lastName, avatarURL *string
	err := row.Scan(&post.Id, &post.AuthorId, &post.Title, &post.Body, &post.Excerpt, &createTime, &updateTime,
		&authorID, &nickname, &firstName, &lastName, &avatarURL)
	if err != nil {
		return nil, err
	}
	post.CreateTime = timestamppb.New(createTime)
	post.UpdateTime = timestamppb.New(updateTime)
	if authorID != nil {
		post.Author = &pb.Author{
			Id: *authorID, Nickname: *nickname, FirstName: *firstName, LastName: *lastName, AvatarUrl: *avatarURL,
		}
	}
	return post, nil
}
