//! Calls to another node: for back-ups and for following.

use super::node::views::SettledView;
use super::problem::{Kind, Problem};
use crate::error::{Code, Failure};
use crate::files;
use actix_web::web::Bytes;
use awc::error::{PayloadError, SendRequestError};
use awc::{Client, ClientResponse};
use futures_util::{Stream, StreamExt};
use serde::de::DeserializeOwned;
use std::fs::File;
use std::io::Write;
use std::path::Path;
use std::time::Duration;
use zeroize::Zeroizing;

/// Bytes of one answer that is read whole.
const ANSWER: usize = 32 << 20;

/// For an answer that is read whole; a download takes as long as it takes.
const PATIENCE: Duration = Duration::from_secs(30);

/// A node elsewhere.
pub struct Remote {
    url: String,
    token: Zeroizing<String>,
}

impl Remote {
    /// The node at `url`, with the token in a file.
    ///
    /// # Errors
    /// [`Code::Missing`], [`Code::Usage`].
    pub fn new(url: &str, token_file: &Path) -> Result<Self, Failure> {
        if !url.starts_with("http://") && !url.starts_with("https://") {
            return Err(Failure::new(
                Code::Usage,
                format!("`{url}` is no address of a node; write http:// or https://"),
            ));
        }
        let token = Zeroizing::new(files::read_text(token_file)?.trim().to_owned());
        Ok(Self { url: url.trim_end_matches('/').to_owned(), token })
    }

    /// The JSON that the node answers.
    ///
    /// # Errors
    /// [`Code::Store`] if it does not answer, or otherwise.
    pub async fn json<T: DeserializeOwned>(&self, path: &str) -> Result<T, Failure> {
        let mut response = self.get(path, Some(PATIENCE)).await?;
        response.json::<T>().limit(ANSWER).await.map_err(|error| self.failure(path, error))
    }

    /// Writes what the node answers into a file; its length.
    ///
    /// # Errors
    /// As [`Remote::json`]; [`Code::Store`] for the file.
    pub async fn download(&self, path: &str, file: &mut File) -> Result<u64, Failure> {
        let (mut response, mut length) = (self.get(path, None).await?, 0);
        while let Some(part) = response.next().await {
            let part = part.map_err(|error: PayloadError| self.failure(path, error))?;
            file.write_all(&part).map_err(|error| self.failure(path, error))?;
            length += part.len() as u64;
        }
        Ok(length)
    }

    /// Has the node settle the bytes of a transaction.
    ///
    /// # Errors
    /// The node's own problem; [`Kind::Unavailable`] if it does not answer.
    pub async fn submit(&self, bytes: Vec<u8>) -> Result<SettledView, Problem> {
        let silent = |error: &dyn std::fmt::Display| {
            Problem::new(Kind::Unavailable, format!("the followed node does not answer: {error}")).retry_after(5)
        };
        let client = Client::builder().disable_redirects().timeout(Duration::from_secs(30)).finish();
        let request = client.post(format!("{}/v1/transactions", self.url)).bearer_auth(self.token.as_str());
        let request = request.insert_header(("content-type", "application/octet-stream"));
        let mut response = request.send_body(bytes).await.map_err(|error| silent(&error))?;
        let body = response.body().limit(ANSWER).await.map_err(|error| silent(&error))?;
        if response.status().is_success() {
            return serde_json::from_slice(&body).map_err(|error| silent(&error));
        }
        let told: serde_json::Value = serde_json::from_slice(&body).map_err(|error| silent(&error))?;
        let name = told["type"].as_str().and_then(|kind| kind.strip_prefix("/problems/")).unwrap_or_default();
        let kind = Kind::ALL.iter().find(|kind| kind.name() == name).copied().unwrap_or(Kind::Unavailable);
        let text = |member: &str| told[member].as_str().map(str::to_owned);
        let rejection = told["rejection"].as_u64().and_then(|number| u16::try_from(number).ok());
        let problem = Problem::new(kind, text("detail").unwrap_or_default());
        Err(Problem { rule: text("rule"), remedy: text("remedy"), rejection, ..problem })
    }

    async fn get(
        &self,
        path: &str,
        patience: Option<Duration>,
    ) -> Result<ClientResponse<impl Stream<Item = Result<Bytes, PayloadError>> + Unpin>, Failure> {
        let builder = Client::builder().disable_redirects();
        let builder = match patience {
            Some(patience) => builder.timeout(patience),
            None => builder.disable_timeout(),
        };
        let client = builder.finish();
        let request = client.get(format!("{}{path}", self.url)).bearer_auth(self.token.as_str());
        let response = request.send().await.map_err(|error: SendRequestError| self.failure(path, error))?;
        if response.status().is_success() {
            return Ok(response);
        }
        Err(self.failure(path, format!("it answers {}", response.status())))
    }

    fn failure(&self, path: &str, error: impl std::fmt::Display) -> Failure {
        Failure::new(Code::Store, format!("{}{path}: {error}", self.url)).or_remedy("check address, token and network")
    }
}
