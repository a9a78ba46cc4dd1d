//! A small local mail server for the demonstration: takes every message and keeps
//! it as a file that can be opened. It delivers nothing to anybody.
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};

/// Longest line and largest message taken; the demonstration sends far less.
const LINE_LIMIT: u64 = 8 * 1024;
const MESSAGE_LIMIT: usize = 4 * 1024 * 1024;

/// Serves until dropped; every message becomes `<folder>/<sender time>-<id>.eml`.
pub(super) async fn serve(listener: TcpListener, folder: PathBuf) -> Result<()> {
    tokio::fs::create_dir_all(&folder).await.context("create the mail folder")?;
    loop {
        let (stream, _) = listener.accept().await.context("accept a mail connection")?;
        let folder = folder.clone();
        tokio::spawn(async move {
            if let Err(error) = session(stream, &folder).await {
                tracing::debug!(%error, "mail session ended");
            }
        });
    }
}

async fn session(mut stream: TcpStream, folder: &Path) -> Result<()> {
    let (reader, mut writer) = stream.split();
    let mut reader = BufReader::new(reader);
    writer.write_all(b"220 demo ESMTP\r\n").await?;
    loop {
        let mut line = String::new();
        if (&mut reader).take(LINE_LIMIT).read_line(&mut line).await? == 0 {
            return Ok(());
        }
        let verb = line.trim_end().split([' ', ':']).next().unwrap_or("").to_ascii_uppercase();
        let reply: &[u8] = match verb.as_str() {
            "EHLO" => b"250-demo\r\n250-8BITMIME\r\n250-SMTPUTF8\r\n250 PIPELINING\r\n",
            "HELO" | "MAIL" | "RCPT" | "RSET" | "NOOP" => b"250 ok\r\n",
            "DATA" => {
                writer.write_all(b"354 go on\r\n").await?;
                let message = data(&mut reader).await?;
                let name = format!("{}.eml", uuid::Uuid::now_v7());
                tokio::fs::write(folder.join(name), message).await.context("keep a mail")?;
                b"250 kept\r\n"
            }
            "QUIT" => {
                writer.write_all(b"221 bye\r\n").await?;
                return Ok(());
            }
            _ => b"502 not here\r\n",
        };
        writer.write_all(reply).await?;
    }
}

async fn data(reader: &mut (impl AsyncBufReadExt + Unpin)) -> Result<Vec<u8>> {
    let mut message = Vec::new();
    loop {
        let start = message.len();
        let read = (&mut *reader).take(LINE_LIMIT).read_until(b'\n', &mut message).await?;
        anyhow::ensure!(read > 0 && message.len() <= MESSAGE_LIMIT, "message cut or too large");
        if &message[start..] == b".\r\n" {
            message.truncate(start);
            return Ok(message);
        }
        if message[start..].starts_with(b"..") {
            message.remove(start);
        }
    }
}
