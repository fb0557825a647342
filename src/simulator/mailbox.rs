//! A mail server that takes everything and keeps it: where the orders of a demonstration go (RFC 5321, the minimum).
//!
//! It forwards nothing, so no mail ever leaves the machine; only the last mails are kept.

use std::collections::VecDeque;
use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::io::{AsyncBufRead, AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

/// Mails kept.
const KEPT: usize = 200;
const MAX_LINE: u64 = 2 << 10;
const MAX_MAIL: usize = 20 << 20;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mail {
    pub from: String,
    pub to: Vec<String>,
    /// Headers and body as they came, without the dots of transparency.
    pub data: Vec<u8>,
}

/// A running mail server. Dropping it stops it.
pub struct Mailbox {
    address: SocketAddr,
    mails: Arc<Mutex<VecDeque<Mail>>>,
    _tasks: JoinSet<()>,
}

impl Mailbox {
    /// Port 0 takes any free one.
    pub async fn start(at: SocketAddr) -> io::Result<Mailbox> {
        let listener = TcpListener::bind(at).await?;
        let address = listener.local_addr()?;
        let mails = Arc::new(Mutex::new(VecDeque::new()));
        let (kept, mut tasks) = (mails.clone(), JoinSet::new());
        tasks.spawn(async move {
            let mut sessions = JoinSet::new();
            loop {
                tokio::select! {
                    accepted = listener.accept() => match accepted {
                        Ok((stream, _)) => {
                            sessions.spawn(session(stream, kept.clone()));
                        }
                        // Out of files: others have to close first.
                        Err(_) => tokio::time::sleep(std::time::Duration::from_millis(100)).await,
                    },
                    Some(_) = sessions.join_next() => {}
                }
            }
        });
        Ok(Mailbox { address, mails, _tasks: tasks })
    }

    pub fn address(&self) -> SocketAddr {
        self.address
    }
    /// What came, oldest first.
    pub fn mails(&self) -> Vec<Mail> {
        self.mails.lock().unwrap_or_else(PoisonError::into_inner).iter().cloned().collect()
    }
}

/// One connection. A client that breaks off loses only its own mail.
async fn session(stream: TcpStream, mails: Arc<Mutex<VecDeque<Mail>>>) {
    if let Err(e) = talk(stream, &mails).await {
        tracing::debug!(error = %e, "a mail client broke off");
    }
}

async fn talk(stream: TcpStream, mails: &Mutex<VecDeque<Mail>>) -> io::Result<()> {
    let mut stream = BufReader::new(stream);
    let mut mail = Mail { from: String::new(), to: Vec::new(), data: Vec::new() };
    stream.write_all(b"220 demo mailbox\r\n").await?;
    loop {
        let line = line(&mut stream).await?;
        let text = String::from_utf8_lossy(&line).trim_end().to_owned();
        let verb = text.get(..4).unwrap_or(&text).to_ascii_uppercase();
        let reply: &[u8] = match verb.as_str() {
            "EHLO" => b"250-demo\r\n250-8BITMIME\r\n250 SMTPUTF8\r\n",
            "HELO" | "NOOP" => b"250 OK\r\n",
            "RSET" => {
                (mail.from, mail.to) = (String::new(), Vec::new());
                b"250 OK\r\n"
            }
            "MAIL" => {
                mail.from = address_of(&text);
                b"250 OK\r\n"
            }
            "RCPT" => {
                mail.to.push(address_of(&text));
                b"250 OK\r\n"
            }
            "DATA" if mail.to.is_empty() => b"503 no recipients\r\n",
            "DATA" => {
                stream.write_all(b"354 go on\r\n").await?;
                mail.data = data(&mut stream).await?;
                let mut kept = mails.lock().unwrap_or_else(PoisonError::into_inner);
                kept.push_back(std::mem::replace(&mut mail, Mail { from: String::new(), to: vec![], data: vec![] }));
                if kept.len() > KEPT {
                    kept.pop_front();
                }
                b"250 taken\r\n"
            }
            "QUIT" => {
                stream.write_all(b"221 bye\r\n").await?;
                return Ok(());
            }
            _ => b"502 not here\r\n",
        };
        stream.write_all(reply).await?;
    }
}

/// Up to and with the line feed; a longer line than any client sends is an error.
async fn line(stream: &mut (impl AsyncBufRead + Unpin)) -> io::Result<Vec<u8>> {
    let mut line = Vec::new();
    stream.take(MAX_LINE).read_until(b'\n', &mut line).await?;
    if line.last() == Some(&b'\n') { Ok(line) } else { Err(io::ErrorKind::UnexpectedEof.into()) }
}

/// The mail up to the line with a single dot.
async fn data(stream: &mut (impl AsyncBufRead + Unpin)) -> io::Result<Vec<u8>> {
    let mut mail = Vec::new();
    loop {
        let line = line(stream).await?;
        match line.strip_prefix(b".") {
            Some(b"\r\n" | b"\n") => return Ok(mail),
            Some(rest) => mail.extend_from_slice(rest),
            None => mail.extend_from_slice(&line),
        }
        if mail.len() > MAX_MAIL {
            return Err(io::ErrorKind::InvalidData.into());
        }
    }
}

/// What stands between angle brackets.
fn address_of(line: &str) -> String {
    let inside = line.split_once('<').and_then(|(_, rest)| rest.split_once('>'));
    inside.map_or(String::new(), |(address, _)| address.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn say(stream: &mut BufReader<TcpStream>, line: &str) -> String {
        stream.write_all(line.as_bytes()).await.unwrap();
        let mut reply = String::new();
        stream.read_line(&mut reply).await.unwrap();
        reply[..3].to_owned()
    }

    #[tokio::test]
    async fn mail_is_taken_and_kept() {
        let mailbox = Mailbox::start("127.0.0.1:0".parse().unwrap()).await.unwrap();
        let mut c = BufReader::new(TcpStream::connect(mailbox.address()).await.unwrap());
        assert_eq!(say(&mut c, "").await, "220");
        assert_eq!(say(&mut c, "HELO me\r\n").await, "250");
        assert_eq!(say(&mut c, "DATA\r\n").await, "503");
        for _ in 0..2 {
            assert_eq!(say(&mut c, "MAIL FROM:<a@x.example> BODY=8BITMIME\r\n").await, "250");
            assert_eq!(say(&mut c, "RCPT TO:<b@x.example>\r\n").await, "250");
            assert_eq!(say(&mut c, "DATA\r\n").await, "354");
            assert_eq!(say(&mut c, "Subject: заказ\r\n\r\n..dot\r\n.\r\n").await, "250");
        }
        assert_eq!(say(&mut c, "EXPN\r\n").await, "502");
        assert_eq!(say(&mut c, "QUIT\r\n").await, "221");
        let mails = mailbox.mails();
        assert_eq!(mails.len(), 2);
        assert_eq!((mails[1].from.as_str(), &mails[1].to[..]), ("a@x.example", &["b@x.example".to_owned()][..]));
        assert_eq!(mails[1].data, "Subject: заказ\r\n\r\n.dot\r\n".as_bytes());
    }
}
