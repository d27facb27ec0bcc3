//! The echo service of the soak on tonic, as a server and as a client: see ../../../README.md.
//!
//! `echo serve <settings>` prints its port, and serves until its input ends; `echo call <port> <settings>` makes the calls
//! of its input, and prints how each went.

mod call;
mod codec;
mod serve;

use serde::Deserialize;

pub const SERVICE: &str = "plaza.interop.v1.EchoService";

/// Settings of either side; what is zero stays as tonic has it.
#[derive(Clone, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Settings {
    max_streams: u32,
    max_age_ms: u64,
    keepalive_ms: u64,
    concurrency: usize,
}

#[tokio::main]
async fn main() {
    let args: Vec<String> = std::env::args().collect();
    let settings: Settings = serde_json::from_str(args.last().unwrap()).unwrap();
    match args[1].as_str() {
        "serve" => serve::serve(settings).await,
        _ => call::call(&args[2], settings).await,
    }
    std::process::exit(0);
}
