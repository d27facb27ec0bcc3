//! The server. It has no way to add trailers to a call that succeeds, so all metadata is answered in the headers.

use std::convert::Infallible;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use tokio::io::AsyncReadExt;
use tokio::net::TcpListener;
use tokio::sync::mpsc;
use tokio_stream::wrappers::{ReceiverStream, TcpListenerStream};
use tokio_stream::StreamExt;
use tonic::body::Body;
use tonic::codec::CompressionEncoding;
use tonic::metadata::MetadataMap;
use tonic::server::{Grpc, NamedService};
use tonic::transport::Server;
use tonic::{Code, Request, Response, Status, Streaming};
use tower::{Service, service_fn};

use crate::codec::BytesCodec;
use crate::{SERVICE, Settings};

pub async fn serve(settings: Settings) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    println!("{}", listener.local_addr().unwrap().port());
    let mut builder = Server::builder();
    if settings.max_streams > 0 {
        builder = builder.max_concurrent_streams(settings.max_streams);
    }
    if settings.max_age_ms > 0 {
        builder = builder.max_connection_age(Duration::from_millis(settings.max_age_ms));
    }
    if settings.keepalive_ms > 0 {
        let interval = Duration::from_millis(settings.keepalive_ms);
        builder = builder.http2_keepalive_interval(Some(interval));
    }
    let serving = builder
        .add_service(Echo)
        .serve_with_incoming(TcpListenerStream::new(listener));
    let mut rest = Vec::new();
    tokio::select! {
        result = serving => result.unwrap(),
        _ = async { tokio::io::stdin().read_to_end(&mut rest).await } => {}
    }
}

#[derive(Clone)]
struct Echo;

impl NamedService for Echo {
    const NAME: &'static str = SERVICE;
}

type Replies = ReceiverStream<Result<Bytes, Status>>;

impl Service<http::Request<Body>> for Echo {
    type Response = http::Response<Body>;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Infallible>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: http::Request<Body>) -> Self::Future {
        Box::pin(async move {
            let method = request.uri().path().rsplit('/').next().unwrap_or_default().to_owned();
            let mut grpc = Grpc::new(BytesCodec)
                .accept_compressed(CompressionEncoding::Gzip)
                .send_compressed(CompressionEncoding::Gzip)
                .max_decoding_message_size(usize::MAX);
            Ok(match method.as_str() {
                "Unary" => grpc.unary(service_fn(unary), request).await,
                "Collect" => grpc.client_streaming(service_fn(collect), request).await,
                "Expand" => grpc.server_streaming(service_fn(expand), request).await,
                "Chat" => grpc.streaming(service_fn(chat), request).await,
                _ => Status::unimplemented(method).into_http(),
            })
        })
    }
}

/// What a request's metadata asks for.
#[derive(Clone)]
struct Wish {
    delay: Duration,
    count: usize,
    early: usize,
    code: i32,
    answered: MetadataMap,
}

impl Wish {
    fn of(metadata: &MetadataMap) -> Self {
        let number = |name: &str| -> u64 {
            let value = metadata.get(name).and_then(|value| value.to_str().ok());
            value.and_then(|text| text.parse().ok()).unwrap_or(0)
        };
        let mut answered = MetadataMap::new();
        if let Some(text) = metadata.get("echo-text") {
            answered.insert("echo-text", text.clone());
        }
        if let Some(bytes) = metadata.get_bin("echo-bytes-bin") {
            answered.insert_bin("echo-bytes-bin", bytes.clone());
        }
        Self {
            delay: Duration::from_millis(number("echo-delay-ms")),
            count: number("echo-count") as usize,
            early: number("echo-early") as usize,
            code: number("echo-status") as i32,
            answered,
        }
    }

    async fn wait(&self) {
        if !self.delay.is_zero() {
            tokio::time::sleep(self.delay).await;
        }
    }

    /// The end of a call without headers before it, and so with the metadata.
    fn end(&self) -> Result<(), Status> {
        self.end_stream().map_err(|status| {
            Status::with_metadata(status.code(), status.message(), self.answered.clone())
        })
    }

    fn end_stream(&self) -> Result<(), Status> {
        match self.code {
            0 => Ok(()),
            code => Err(Status::new(Code::from_i32(code), "as asked")),
        }
    }

    fn answer<T>(&self, message: T) -> Response<T> {
        let mut response = Response::new(message);
        *response.metadata_mut() = self.answered.clone();
        response
    }
}

async fn unary(request: Request<Bytes>) -> Result<Response<Bytes>, Status> {
    let wish = Wish::of(request.metadata());
    wish.wait().await;
    wish.end()?;
    Ok(wish.answer(request.into_inner()))
}

async fn collect(request: Request<Streaming<Bytes>>) -> Result<Response<Bytes>, Status> {
    let wish = Wish::of(request.metadata());
    wish.wait().await;
    let mut requests = request.into_inner();
    let mut last = Bytes::new();
    while let Some(message) = requests.message().await? {
        last = message;
    }
    wish.end()?;
    Ok(wish.answer(last))
}

async fn expand(request: Request<Bytes>) -> Result<Response<Replies>, Status> {
    let wish = Wish::of(request.metadata());
    wish.wait().await;
    let message = request.into_inner();
    Ok(wish.answer(replies(wish.clone(), move |wish, sender| async move {
        for _ in 0..wish.count {
            if sender.send(Ok(message.clone())).await.is_err() {
                return;
            }
        }
        finish(&wish, &sender).await;
    })))
}

async fn chat(request: Request<Streaming<Bytes>>) -> Result<Response<Replies>, Status> {
    let wish = Wish::of(request.metadata());
    wish.wait().await;
    let mut requests = request.into_inner();
    Ok(wish.answer(replies(wish.clone(), move |wish, sender| async move {
        let mut sent = 0;
        while wish.early == 0 || sent < wish.early {
            match requests.next().await {
                Some(Ok(message)) => {
                    if sender.send(Ok(message)).await.is_err() {
                        return;
                    }
                    sent += 1;
                }
                Some(Err(_)) => return,
                None => break,
            }
        }
        finish(&wish, &sender).await;
    })))
}

type Sender = mpsc::Sender<Result<Bytes, Status>>;

fn replies<F, W>(wish: Wish, work: F) -> Replies
where
    F: FnOnce(Wish, Sender) -> W,
    W: Future<Output = ()> + Send + 'static,
{
    let (sender, receiver) = mpsc::channel(4);
    tokio::spawn(work(wish, sender));
    ReceiverStream::new(receiver)
}

async fn finish(wish: &Wish, sender: &Sender) {
    if let Err(status) = wish.end_stream() {
        let _ = sender.send(Err(status)).await;
    }
}
