//! The client: makes the calls of its input, and prints how each went.

use std::sync::Arc;
use std::time::Duration;

use base64::prelude::{BASE64_STANDARD, Engine};
use bytes::{BufMut, Bytes, BytesMut};
use http::uri::PathAndQuery;
use serde::{Deserialize, Serialize};
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::sync::{Semaphore, mpsc};
use tokio_stream::wrappers::ReceiverStream;
use tonic::client::Grpc;
use tonic::codec::CompressionEncoding;
use tonic::metadata::{MetadataMap, MetadataValue};
use tonic::transport::{Channel, Endpoint};
use tonic::{Request, Response, Status, Streaming};

use crate::codec::BytesCodec;
use crate::{SERVICE, Settings};

/// A call to make: see ../../../README.md.
#[derive(Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Plan {
    id: usize,
    kind: String,
    count: usize,
    size: usize,
    gzip: bool,
    ping_pong: bool,
    idle_ms: u64,
    delay_ms: u64,
    deadline_ms: u64,
    cancel_ms: Option<u64>,
    status: i32,
    early: usize,
    text: String,
    bytes: String,
}

#[derive(Serialize)]
struct Outcome {
    id: usize,
    code: i32,
    messages: usize,
    intact: bool,
    detail: String,
}

pub async fn call(port: &str, settings: Settings) {
    let mut endpoint = Endpoint::from_shared(format!("http://127.0.0.1:{port}")).unwrap();
    if settings.keepalive_ms > 0 {
        endpoint = endpoint
            .http2_keep_alive_interval(Duration::from_millis(settings.keepalive_ms))
            .keep_alive_while_idle(true);
    }
    let channel = endpoint.connect_lazy();
    let concurrency = settings.concurrency.max(1);
    let slots = Arc::new(Semaphore::new(concurrency));
    let mut lines = BufReader::new(tokio::io::stdin()).lines();
    while let Some(line) = lines.next_line().await.unwrap() {
        let plan: Plan = serde_json::from_str(&line).unwrap();
        let slot = slots.clone().acquire_owned().await.unwrap();
        let channel = channel.clone();
        tokio::spawn(async move {
            let outcome = run(channel, plan).await;
            println!("{}", serde_json::to_string(&outcome).unwrap());
            drop(slot);
        });
    }
    let _ = slots.acquire_many(concurrency as u32).await;
}

async fn run(channel: Channel, plan: Plan) -> Outcome {
    let mut progress = Progress { message: message(&plan), messages: 0, intact: true, received: MetadataMap::new() };
    let ended = {
        let making = make(channel, &plan, &mut progress);
        match plan.cancel_ms {
            None => making.await,
            Some(ms) => tokio::select! {
                result = making => result,
                _ = tokio::time::sleep(Duration::from_millis(ms)) => Err(Status::cancelled("by the client")),
            },
        }
    };
    let status = ended.err().unwrap_or_else(|| Status::ok(""));
    progress.keep_metadata(status.metadata());
    let code = status.code() as i32;
    let mut intact = progress.intact;
    if code == plan.status {
        let text = progress.received.get("echo-text").and_then(|value| value.to_str().ok());
        let bytes = progress.received.get_bin("echo-bytes-bin").and_then(|value| value.to_bytes().ok());
        let sent = BASE64_STANDARD.decode(&plan.bytes).unwrap();
        intact &= plan.text.is_empty() || text == Some(plan.text.as_str());
        intact &= sent.is_empty() || bytes.is_some_and(|bytes| bytes == sent);
    }
    Outcome { id: plan.id, code, messages: progress.messages, intact, detail: status.message().to_owned() }
}

struct Progress {
    message: Bytes,
    messages: usize,
    intact: bool,
    received: MetadataMap,
}

impl Progress {
    fn keep(&mut self, reply: &Bytes) {
        self.messages += 1;
        self.intact &= *reply == self.message;
    }

    fn keep_metadata(&mut self, metadata: &MetadataMap) {
        if let Some(text) = metadata.get("echo-text") {
            self.received.insert("echo-text", text.clone());
        }
        if let Some(bytes) = metadata.get_bin("echo-bytes-bin") {
            self.received.insert_bin("echo-bytes-bin", bytes.clone());
        }
    }
}

async fn make(channel: Channel, plan: &Plan, progress: &mut Progress) -> Result<(), Status> {
    let mut grpc = Grpc::new(channel)
        .accept_compressed(CompressionEncoding::Gzip)
        .max_decoding_message_size(usize::MAX);
    if plan.gzip {
        grpc = grpc.send_compressed(CompressionEncoding::Gzip);
    }
    grpc.ready().await.map_err(|error| Status::unavailable(error.to_string()))?;
    let path = |method: &str| PathAndQuery::try_from(format!("/{SERVICE}/{method}")).unwrap();
    let message = progress.message.clone();
    match plan.kind.as_str() {
        "unary" => {
            let response = grpc.unary(request(plan, message), path("Unary"), BytesCodec).await?;
            progress.keep_metadata(response.metadata());
            progress.keep(response.get_ref());
            Ok(())
        }
        "collect" => {
            let (requests, _turns) = requests(plan, message);
            let request = request(plan, requests);
            let response = grpc.client_streaming(request, path("Collect"), BytesCodec).await?;
            progress.keep_metadata(response.metadata());
            progress.keep(response.get_ref());
            Ok(())
        }
        "expand" => {
            let response = grpc.server_streaming(request(plan, message), path("Expand"), BytesCodec).await?;
            read(response, progress, None).await
        }
        _ => {
            let (requests, turns) = requests(plan, message);
            let response = grpc.streaming(request(plan, requests), path("Chat"), BytesCodec).await?;
            read(response, progress, Some(turns)).await
        }
    }
}

async fn read(
    response: Response<Streaming<Bytes>>,
    progress: &mut Progress,
    turns: Option<mpsc::UnboundedSender<()>>,
) -> Result<(), Status> {
    progress.keep_metadata(response.metadata());
    let mut replies = response.into_inner();
    while let Some(reply) = replies.message().await? {
        progress.keep(&reply);
        if let Some(turns) = &turns {
            let _ = turns.send(());
        }
    }
    if let Some(trailers) = replies.trailers().await? {
        progress.keep_metadata(&trailers);
    }
    Ok(())
}

/// The requests of a stream. They end early when the sender that is returned is dropped.
fn requests(plan: &Plan, message: Bytes) -> (ReceiverStream<Bytes>, mpsc::UnboundedSender<()>) {
    let (sender, receiver) = mpsc::channel(1);
    let (turns, mut turn) = mpsc::unbounded_channel();
    let plan = plan.clone();
    tokio::spawn(async move {
        for _ in 0..plan.count {
            if sender.send(message.clone()).await.is_err() {
                return;
            }
            tokio::time::sleep(Duration::from_millis(plan.idle_ms)).await;
            if plan.kind == "chat" && plan.ping_pong && turn.recv().await.is_none() {
                return;
            }
        }
        if plan.early > 0 {
            while turn.recv().await.is_some() {}
        }
    });
    (ReceiverStream::new(receiver), turns)
}

fn request<T>(plan: &Plan, message: T) -> Request<T> {
    let mut request = Request::new(message);
    if plan.deadline_ms > 0 {
        request.set_timeout(Duration::from_millis(plan.deadline_ms));
    }
    let metadata = request.metadata_mut();
    metadata.insert("echo-delay-ms", plan.delay_ms.into());
    metadata.insert("echo-count", plan.count.into());
    metadata.insert("echo-status", plan.status.into());
    metadata.insert("echo-early", plan.early.into());
    if plan.gzip {
        metadata.insert("echo-gzip", 1.into());
    }
    if !plan.text.is_empty() {
        metadata.insert("echo-text", plan.text.parse().unwrap());
    }
    if !plan.bytes.is_empty() {
        let bytes = BASE64_STANDARD.decode(&plan.bytes).unwrap();
        metadata.insert_bin("echo-bytes-bin", MetadataValue::from_bytes(&bytes));
    }
    request
}

/// A google.protobuf.BytesValue: what it holds depends on the call, and compresses somewhat.
fn message(plan: &Plan) -> Bytes {
    let mut value = BytesMut::new();
    if plan.size == 0 {
        return value.freeze();
    }
    value.put_u8(0x0a);
    let mut rest = plan.size;
    while rest >= 0x80 {
        value.put_u8((rest & 0x7f | 0x80) as u8);
        rest >>= 7;
    }
    value.put_u8(rest as u8);
    for index in 0..plan.size {
        value.put_u8(((plan.id + index) * 7 % 251) as u8);
    }
    value.freeze()
}
