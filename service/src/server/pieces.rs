//! Answers that are written piece by piece by a thread of their own: copies of logs and stores.

use actix_web::HttpResponse;
use actix_web::web::Bytes;
use futures_util::stream;
use std::error::Error;
use std::io::{self, Write};
use tokio::sync::mpsc;

/// Bytes of one piece.
const PIECE: usize = 64 << 10;

/// An answer of octets that `write` writes. If it fails the answer is cut short, which its reader notices.
pub fn streamed<E: Into<Box<dyn Error + Send + Sync>>>(
    write: impl FnOnce(&mut dyn Write) -> Result<(), E> + Send + 'static,
) -> HttpResponse {
    let (sender, receiver) = mpsc::channel(4);
    std::thread::spawn(move || {
        let mut pieces = Pieces { sender: sender.clone(), held: Vec::with_capacity(PIECE) };
        let written = write(&mut pieces).map_err(io::Error::other).and_then(|()| pieces.flush());
        if let Err(error) = written {
            // Who reads learns it by the missing end of the stream.
            let _ = sender.blocking_send(Err(error));
        }
    });
    let pieces = stream::unfold(receiver, |mut receiver| async { Some((receiver.recv().await?, receiver)) });
    let mut response = HttpResponse::Ok();
    response.insert_header(("content-encoding", "identity"));
    response.content_type("application/octet-stream").streaming(pieces)
}

/// A writer whose bytes a stream takes.
struct Pieces {
    sender: mpsc::Sender<io::Result<Bytes>>,
    held: Vec<u8>,
}

impl Write for Pieces {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.held.extend_from_slice(bytes);
        if self.held.len() >= PIECE {
            self.flush()?;
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        let piece = Bytes::from(std::mem::take(&mut self.held));
        let gone = |_| io::Error::from(io::ErrorKind::BrokenPipe);
        if piece.is_empty() { Ok(()) } else { self.sender.blocking_send(Ok(piece)).map_err(gone) }
    }
}
