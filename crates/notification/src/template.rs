//! The texts of notices, in Polish and English.
//!
//! A template is one file: a line `Subject: …`, an empty line, the text. The HTML part is
//! made from the finished text, so both parts say the same; what a customer wrote is filled
//! in as it is and is never read as a template.
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use domain::notice::Purpose;
use minijinja::{Environment, UndefinedBehavior};

/// Version of all templates; raised with the meaning of any of them.
pub(crate) const VERSION: u32 = 2;

/// The languages there are texts in.
pub(crate) const LOCALES: [&str; 2] = ["pl", "en"];

/// Steps that rendering may take; the longest template takes some hundreds.
const FUEL: u64 = 20_000;

/// Slots whose text may have more than one line.
const PARAGRAPHS: [&str; 12] = [
    "tresc",
    "message",
    "uzasadnienie",
    "reasons",
    "rozwiazanie",
    "solution",
    "podsumowanie",
    "summary",
    "zrobione",
    "done",
    "nastepny_krok",
    "next_step",
];

/// Name and text of every template.
const SOURCES: [(&str, &str); 28] = [
    ("ack.pl", include_str!("../templates/ack.pl.txt")),
    ("ack.en", include_str!("../templates/ack.en.txt")),
    ("assignment.pl", include_str!("../templates/assignment.pl.txt")),
    ("assignment.en", include_str!("../templates/assignment.en.txt")),
    ("reply.pl", include_str!("../templates/reply.pl.txt")),
    ("reply.en", include_str!("../templates/reply.en.txt")),
    ("breach.pl", include_str!("../templates/breach.pl.txt")),
    ("breach.en", include_str!("../templates/breach.en.txt")),
    ("resolution.pl", include_str!("../templates/resolution.pl.txt")),
    ("resolution.en", include_str!("../templates/resolution.en.txt")),
    ("reminder.pl", include_str!("../templates/reminder.pl.txt")),
    ("reminder.en", include_str!("../templates/reminder.en.txt")),
    ("customer-reminder.pl", include_str!("../templates/customer-reminder.pl.txt")),
    ("customer-reminder.en", include_str!("../templates/customer-reminder.en.txt")),
    ("complaint-ack.pl", include_str!("../templates/complaint-ack.pl.txt")),
    ("complaint-ack.en", include_str!("../templates/complaint-ack.en.txt")),
    ("decision.pl", include_str!("../templates/decision.pl.txt")),
    ("decision.en", include_str!("../templates/decision.en.txt")),
    ("complaint-extension.pl", include_str!("../templates/complaint-extension.pl.txt")),
    ("complaint-extension.en", include_str!("../templates/complaint-extension.en.txt")),
    ("info-request.pl", include_str!("../templates/info-request.pl.txt")),
    ("info-request.en", include_str!("../templates/info-request.en.txt")),
    ("task.pl", include_str!("../templates/task.pl.txt")),
    ("task.en", include_str!("../templates/task.en.txt")),
    ("escalation.pl", include_str!("../templates/escalation.pl.txt")),
    ("escalation.en", include_str!("../templates/escalation.en.txt")),
    ("customer-escalation.pl", include_str!("../templates/customer-escalation.pl.txt")),
    ("customer-escalation.en", include_str!("../templates/customer-escalation.en.txt")),
];

/// Id of the template of a purpose. An event for a webhook has none but is called `event`.
pub(crate) fn id(purpose: Purpose) -> &'static str {
    match purpose {
        Purpose::Ack => "ack",
        Purpose::Assignment => "assignment",
        Purpose::Reply => "reply",
        Purpose::Breach => "breach",
        Purpose::Resolution => "resolution",
        Purpose::Event => "event",
        Purpose::Reminder => "reminder",
        Purpose::CustomerReminder => "customer-reminder",
        Purpose::ComplaintAck => "complaint-ack",
        Purpose::Decision => "decision",
        Purpose::ComplaintExtension => "complaint-extension",
        Purpose::InfoRequest => "info-request",
        Purpose::Task => "task",
        Purpose::Escalation => "escalation",
        Purpose::CustomerEscalation => "customer-escalation",
    }
}

/// The language of texts for somebody whose language is `language` (BCP 47).
pub(crate) fn locale_of<'a>(language: &str, default: &'a str) -> &'a str {
    let primary = language.split(['-', '_']).next().unwrap_or_default();
    let known = LOCALES.iter().find(|locale| locale.eq_ignore_ascii_case(primary));
    match known {
        Some(locale) => locale,
        None if primary.is_empty() => default,
        // A language without texts: English is the likelier to be read.
        None => "en",
    }
}

/// What is filled into a template, by slot.
pub(crate) type Slots = BTreeMap<&'static str, String>;

/// Every slot under its Polish and its English name; a template takes what it names.
pub(crate) fn in_both<const N: usize>(filled: [([&'static str; 2], String); N]) -> Slots {
    let named = filled
        .into_iter()
        .flat_map(|([polish, english], value)| [(polish, value.clone()), (english, value)]);
    named.collect()
}

/// A finished message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Rendered {
    /// One line.
    pub(crate) subject: String,
    /// Plain text.
    pub(crate) text: String,
    /// The same as HTML.
    pub(crate) html: String,
}

/// The template cannot be filled in.
#[derive(Debug, thiserror::Error)]
#[error("cannot render the template {name}")]
pub(crate) struct Error {
    name: String,
    #[source]
    source: minijinja::Error,
}

/// All templates, parsed.
pub(crate) struct Templates(Environment<'static>);

impl Templates {
    /// Parses the templates.
    ///
    /// # Panics
    /// If one of them is broken; a test renders all of them.
    pub(crate) fn new() -> Self {
        let mut environment = Environment::empty();
        environment.set_undefined_behavior(UndefinedBehavior::Strict);
        environment.set_fuel(Some(FUEL));
        for (name, source) in SOURCES {
            environment.add_template(name, source).expect("the embedded templates are well formed");
        }
        Self(environment)
    }

    /// Fills a template in. A slot that it names and `slots` lacks is an error.
    pub(crate) fn render(
        &self,
        purpose: Purpose,
        locale: &str,
        slots: &Slots,
    ) -> Result<Rendered, Error> {
        let name = format!("{}.{locale}", id(purpose));
        // Only what is meant to have lines keeps them, so nothing a customer wrote can leave
        // the subject or move the border between it and the text.
        let lines = |slot: &str, value: &str| match PARAGRAPHS.contains(&slot) {
            true => value.replace("\r\n", "\n").replace('\r', "\n"),
            false => one_line(value),
        };
        let slots: Slots = slots.iter().map(|(slot, value)| (*slot, lines(slot, value))).collect();
        let whole = self
            .0
            .get_template(&name)
            .and_then(|template| template.render(&slots))
            .map_err(|source| Error { name, source })?;
        let (head, text) = whole.split_once("\n\n").unwrap_or(("", &whole));
        let subject = one_line(head.strip_prefix("Subject:").unwrap_or(head));
        let text = squeeze(text);
        let link = slots.get("link").map(String::as_str).unwrap_or_default();
        Ok(Rendered { html: html(&text, locale, link), subject, text })
    }
}

/// Text in one line, without control characters.
pub(crate) fn one_line(text: &str) -> String {
    let blank = |c: char| c.is_control() || c.is_whitespace();
    text.split(blank).filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")
}

/// Paragraphs a customer left empty, and those a template left out, are not shown.
fn squeeze(text: &str) -> String {
    let mut lines: Vec<&str> = Vec::new();
    for line in text.lines().map(str::trim_end) {
        if !(line.is_empty() && lines.last().is_none_or(|last| last.is_empty())) {
            lines.push(line);
        }
    }
    lines.join("\n").trim_end().to_owned() + "\n"
}

fn html(text: &str, locale: &str, link: &str) -> String {
    let mut body = String::new();
    for paragraph in text.trim_end().split("\n\n") {
        body.push_str("<p>");
        body.push_str(&escape(paragraph).replace('\n', "<br>\n"));
        body.push_str("</p>\n");
    }
    let link = escape(link);
    if !link.is_empty() {
        body = body.replace(&link, &format!("<a href=\"{link}\">{link}</a>"));
    }
    format!(
        "<!doctype html>\n<html lang=\"{locale}\">\n<head><meta charset=\"utf-8\"></head>\n\
         <body>\n{body}</body>\n</html>\n"
    )
}

fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            c => escaped.push(c),
        }
    }
    escaped
}
