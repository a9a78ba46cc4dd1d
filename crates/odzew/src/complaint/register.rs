//! `odzew complaint register`: the register of complaints as CSV or JSON.
pub(crate) mod line;

use std::io::Write;

use anyhow::{Context, Result};
use clap::ValueEnum;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use prost::Message as _;
use wire::desk::v1::{Complaint, ComplaintState, ListComplaintsRequest};
use wire::intake::v1::ComplaintOutcome;
use wire::json::{PersonalData, render};
use wire::scalar::timestamp;

use crate::client::Clients;
use crate::config::Config;
use crate::output;
use crate::ticket::Who;
use crate::words;

/// Complaints per page.
const PAGE_SIZE: i32 = 500;

/// Which complaints, and how.
#[derive(Debug, clap::Args)]
pub(crate) struct Opts {
    #[command(flatten)]
    who: Who,
    /// Form of the output.
    #[arg(long, value_enum, default_value_t = Format::Csv)]
    format: Format,
    /// Only these states: `open`, `decided`, `ended`, `struck-off`; all but the last if absent.
    #[arg(long, value_delimiter = ',')]
    state: Vec<String>,
    /// Only complaints under the regime of this code.
    #[arg(long, default_value = "")]
    regime: String,
    /// Only these outcomes, for example `accepted` or `partially-accepted`.
    #[arg(long, value_delimiter = ',')]
    outcome: Vec<String>,
    /// Only complaints received on this day or later, in the zone.
    #[arg(long, value_name = "DATE")]
    from: Option<Date>,
    /// Only complaints received before this day.
    #[arg(long, value_name = "DATE")]
    to: Option<Date>,
    /// Only complaints with a late answer.
    #[arg(long)]
    late: bool,
}

/// Form of the output.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// Comma-separated values with a header (RFC 4180), one line per complaint.
    Csv,
    /// A JSON array of what `ListComplaints` answers.
    Json,
}

/// # Errors
/// If desk refuses or is away, or the output cannot be written.
pub(super) async fn run(opts: Opts, config: Config) -> Result<()> {
    let (mut clients, zone) = opts.who.clients(&config)?;
    let request = opts.request(&zone)?;
    let out = output::out();
    match opts.format {
        Format::Csv => csv(&mut clients, request, out).await,
        Format::Json => json(&mut clients, request, out).await,
    }
}

impl Opts {
    fn request(&self, zone: &TimeZone) -> Result<ListComplaintsRequest> {
        let beginning = |day: Option<Date>| {
            let day = day.map(|day| day.to_zoned(zone.clone()).context("find the day's beginning"));
            day.transpose().map(|day| day.map(|day| timestamp(day.timestamp())))
        };
        let states = words::each(&self.state, "COMPLAINT_STATE_", ComplaintState::from_str_name)?;
        let outcome = ComplaintOutcome::from_str_name;
        Ok(ListComplaintsRequest {
            states,
            regime_code: self.regime.clone(),
            outcomes: words::each(&self.outcome, "COMPLAINT_OUTCOME_", outcome)?,
            received_from: beginning(self.from)?,
            received_to: beginning(self.to)?,
            late: self.late,
            page_size: PAGE_SIZE,
            ..Default::default()
        })
    }
}

async fn csv(clients: &mut Clients, request: ListComplaintsRequest, out: impl Write) -> Result<()> {
    let mut out = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(out);
    out.write_record(line::HEADER).context("write the register")?;
    let mut pages = Pages::of(request);
    while let Some(page) = pages.next(clients).await? {
        for complaint in &page {
            out.write_record(line::fields(complaint)).context("write the register")?;
        }
    }
    out.flush().context("write the register")
}

async fn json(
    clients: &mut Clients,
    request: ListComplaintsRequest,
    mut out: impl Write,
) -> Result<()> {
    let mut pages = Pages::of(request);
    let mut before = "[";
    while let Some(page) = pages.next(clients).await? {
        for complaint in &page {
            let bytes = complaint.encode_to_vec();
            let value = render("odzew.desk.v1.Complaint", &bytes, PersonalData::Hide)?;
            write!(out, "{before}\n{value}").context("write the register")?;
            before = ",";
        }
    }
    let begin = if before == "[" { "[" } else { "" };
    writeln!(out, "{begin}\n]").and_then(|()| out.flush()).context("write the register")
}

/// The register, page by page: never more than one page is held.
struct Pages {
    /// None after the last page.
    next: Option<ListComplaintsRequest>,
}

impl Pages {
    fn of(request: ListComplaintsRequest) -> Self {
        Self { next: Some(request) }
    }

    async fn next(&mut self, clients: &mut Clients) -> Result<Option<Vec<Complaint>>> {
        let Some(request) = self.next.take() else { return Ok(None) };
        let answer = clients.desk.list_complaints(request.clone()).await;
        let page = answer.context("ask desk for the register")?.into_inner();
        if !page.next_page_token.is_empty() {
            let page_token = page.next_page_token;
            self.next = Some(ListComplaintsRequest { page_token, ..request });
        }
        Ok(Some(page.complaints))
    }
}
