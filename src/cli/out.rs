//! What commands write to stdout. A reader that stops reading (`| head`) ends the command quietly, it is no error.
//!
//! Nothing else may print to stdout: `println!` panics when the pipe is closed.

use std::io::{self, Write};

/// The other end of the pipe is closed.
#[derive(Debug, thiserror::Error)]
#[error("nobody reads the output any more")]
pub struct ReaderGone;

/// A text as it is.
pub fn text(text: &str) -> anyhow::Result<()> {
    let mut stdout = io::stdout().lock();
    let written = stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush());
    written.map_err(|e| match e.kind() {
        io::ErrorKind::BrokenPipe => ReaderGone.into(),
        _ => anyhow::Error::new(e).context("writing the output failed; is the disk full?"),
    })
}

/// A text and a newline.
pub fn line(line: &str) -> anyhow::Result<()> {
    text(&format!("{line}\n"))
}
