//! The test SMTP server keeps mail as it was sent and fails as it is told.
#![allow(clippy::unwrap_used)]

use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::TcpStream;

use super::*;

struct Client(BufReader<TcpStream>);

impl Client {
    async fn connect(sink: &SmtpSink) -> (Client, String) {
        let mut client = Client(BufReader::new(TcpStream::connect(sink.addr()).await.unwrap()));
        let greeting = client.answer().await;
        (client, greeting)
    }

    async fn answer(&mut self) -> String {
        let mut line = String::new();
        while self.0.read_line(&mut line).await.unwrap() > 0 {
            if line.as_bytes()[3] == b' ' {
                break;
            }
            line.clear();
        }
        line.trim_end().to_owned()
    }

    async fn ask(&mut self, text: &str) -> String {
        self.0.write_all(format!("{text}\r\n").as_bytes()).await.unwrap();
        self.answer().await
    }

    async fn send(&mut self) -> String {
        self.ask("EHLO test").await;
        self.ask("MAIL FROM:<a@example.com>").await;
        let recipient = self.ask("RCPT TO:<b@example.com>").await;
        if !recipient.starts_with("250") {
            return recipient;
        }
        self.ask("DATA").await;
        self.ask("Subject: hello\r\n\r\n..dot\r\nend\r\n.").await
    }
}

#[tokio::test]
async fn mail_is_kept_unstuffed_and_journalled() {
    let directory = tempfile::tempdir().unwrap();
    let journal = directory.path().join("mail");
    let sink = SmtpSink::with_journal(&journal).await;
    let (mut client, greeting) = Client::connect(&sink).await;
    assert!(greeting.starts_with("220"));
    assert!(client.send().await.starts_with("250"));
    assert!(client.ask("QUIT").await.starts_with("221"));

    let mail = sink.messages().remove(0);
    assert_eq!(
        (mail.from.as_str(), mail.to.as_slice()),
        ("a@example.com", &["b@example.com".into()][..])
    );
    assert_eq!(mail.text(), "Subject: hello\r\n\r\n.dot\r\nend\r\n");
    assert!(std::fs::read_to_string(journal).unwrap().contains("Subject: hello"));
}

#[tokio::test]
async fn it_fails_as_often_as_told_and_then_recovers() {
    let sink = SmtpSink::start().await;
    sink.fail_next(1, Failure::Reply { at: Stage::Connect, code: 421, text: "later" });
    sink.fail_next(1, Failure::Reply { at: Stage::Rcpt, code: 550, text: "no such user" });
    sink.fail_next(1, Failure::Reply { at: Stage::Data, code: 451, text: "try again" });
    assert_eq!(Client::connect(&sink).await.1, "421 later");
    assert_eq!(Client::connect(&sink).await.0.send().await, "550 no such user");
    assert_eq!(Client::connect(&sink).await.0.send().await, "451 try again");
    assert!(sink.messages().is_empty());
    assert!(Client::connect(&sink).await.0.send().await.starts_with("250"));
    assert_eq!((sink.messages().len(), sink.attempts()), (1, 4));
}

#[tokio::test]
async fn a_cut_connection_leaves_the_message_kept_and_unconfirmed() {
    let sink = SmtpSink::start().await;
    sink.fail(Failure::CutAfterData);
    assert_eq!(Client::connect(&sink).await.0.send().await, "");
    assert_eq!(sink.messages().len(), 1);
    sink.recover();
    assert!(Client::connect(&sink).await.0.send().await.starts_with("250"));
}

#[tokio::test]
async fn a_closed_sink_refuses_and_opens_again_on_its_port() {
    let sink = SmtpSink::start().await;
    sink.close().await;
    assert!(TcpStream::connect(sink.addr()).await.is_err());
    sink.open().await;
    assert!(Client::connect(&sink).await.1.starts_with("220"));
}
