//! `odzew doctor`: checks everything that a running Odzew needs and reports what is wrong.

mod broker;
mod database;

use anyhow::Result;

use crate::config::Config;
use crate::{admin, failure, output, tables};

/// Checks; exits non-zero if something is wrong.
#[derive(Debug, clap::Args)]
pub(crate) struct Opts {
    /// Print one JSON object instead of a table.
    #[arg(long)]
    json: bool,
}

/// One thing that was looked at.
pub(crate) struct Finding {
    what: String,
    verdict: Verdict,
    detail: String,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Verdict {
    Good,
    /// Works, but somebody should look.
    Doubtful,
    Bad,
}

impl Verdict {
    fn word(self) -> &'static str {
        match self {
            Self::Good => "ok",
            Self::Doubtful => "look",
            Self::Bad => "wrong",
        }
    }
}

impl Finding {
    fn good(what: impl Into<String>, detail: impl Into<String>) -> Self {
        Self { what: what.into(), verdict: Verdict::Good, detail: detail.into() }
    }

    fn doubtful(what: impl Into<String>, detail: impl Into<String>) -> Self {
        Self { what: what.into(), verdict: Verdict::Doubtful, detail: detail.into() }
    }

    fn bad(what: impl Into<String>, detail: impl Into<String>) -> Self {
        Self { what: what.into(), verdict: Verdict::Bad, detail: detail.into() }
    }
}

/// # Errors
/// If something is wrong; what it is has been printed.
pub(crate) async fn run(opts: Opts, config: Config) -> Result<()> {
    let mut findings = Vec::new();
    let log = admin::open_log(&config).await;
    match &log {
        Ok(log) => database::check(&config, log, &mut findings).await,
        Err(error) => findings.push(Finding::bad("postgres", failure::sentence(error))),
    }
    broker::check(&config, log.as_ref().ok(), &mut findings).await;
    mail_server(&config, &mut findings).await;
    let printed = print(&findings, opts.json);
    // The verdict is the exit status, whether or not anybody reads the table.
    let wrong = findings.iter().filter(|finding| finding.verdict == Verdict::Bad).count();
    anyhow::ensure!(wrong == 0, "wrong: {wrong} of {}", tables::counted(findings.len(), "check"));
    printed
}

/// Whether the mail server takes a connection.
async fn mail_server(config: &Config, findings: &mut Vec<Finding>) {
    let email = &config.notification.email;
    let address = format!("{}:{}", email.host, email.port);
    let connect = tokio::net::TcpStream::connect(&address);
    let limit = std::time::Duration::from_secs(5);
    findings.push(match tokio::time::timeout(limit, connect).await {
        Ok(Ok(_)) => Finding::good("mail server", address),
        Ok(Err(error)) => Finding::bad("mail server", format!("{address}: {error}")),
        Err(_) => Finding::bad("mail server", format!("{address}: no answer in {limit:?}")),
    });
}

fn print(findings: &[Finding], json: bool) -> Result<()> {
    if json {
        let rows: Vec<_> = findings
            .iter()
            .map(|finding| {
                serde_json::json!({
                    "check": finding.what,
                    "verdict": finding.verdict.word(),
                    "detail": finding.detail,
                })
            })
            .collect();
        output::say(&serde_json::json!({ "checks": rows }).to_string())
    } else {
        let mut table = tables::table(["Check", "", "Detail"]);
        for finding in findings {
            table.add_row([&finding.what, finding.verdict.word(), &finding.detail]);
        }
        output::say(&table.to_string())
    }
}
