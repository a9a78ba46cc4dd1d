//! Rows and files that are malformed.
#![allow(clippy::unwrap_used)]
use domain::priority::Level;

use super::*;
use crate::import::tests::{HEADER, UPDATE, Update};

fn refusal(text: &str) -> String {
    format!("{:#}", parse(text.as_bytes(), &TimeZone::UTC, Timestamp::MAX).unwrap_err())
}

fn reason(line: &str) -> String {
    let good = UPDATE.line();
    let export =
        parse(format!("{HEADER}{line}{good}").as_bytes(), &TimeZone::UTC, Timestamp::MAX).unwrap();
    assert_eq!((export.records, export.rows.len(), export.rejects.len()), (2, 1, 1));
    assert_eq!(export.rejects[0].line, 2);
    export.rejects[0].reason.clone()
}

#[test]
fn a_row_is_read_by_the_names_of_its_columns() {
    let export =
        parse(format!("{HEADER}{}", UPDATE.line()).as_bytes(), &TimeZone::UTC, Timestamp::MAX)
            .unwrap();
    let row = &export.rows[0];
    assert_eq!((row.line, row.number.as_str(), row.state), (2, "1", State::New));
    assert_eq!(row.updated_at, "2016-03-01T01:00:00Z".parse().unwrap());
    assert_eq!((row.group.as_deref(), row.agent.as_deref()), (Some("70"), None));
    assert_eq!(row.priority, Priority::P3);
    assert_eq!(export.ignored_columns, ["active"]);
}

#[test]
fn ranks_with_words_and_byte_order_marks_are_understood() {
    let line = UPDATE.line().replace(",2,2,3,", ",1 - High,2 - Medium,2 - High,");
    let text = format!("\u{feff}{HEADER}{line}");
    let export = parse(text.as_bytes(), &TimeZone::UTC, Timestamp::MAX).unwrap();
    assert_eq!(export.rows[0].impact, Impact(Level::High));
    assert_eq!(export.rows[0].priority, Priority::P2);
}

#[test]
fn times_are_of_the_zone_and_its_gaps_are_noticed() {
    let lisbon = TimeZone::get("Europe/Lisbon").unwrap();
    let summer = UPDATE.line().replace("1/3/2016 01:00", "1/6/2016 01:00");
    let gap = UPDATE.line().replace("1/3/2016 01:00", "27/3/2016 01:59");
    let export =
        parse(format!("{HEADER}{summer}{gap}").as_bytes(), &lisbon, Timestamp::MAX).unwrap();
    assert_eq!(export.rows[0].updated_at, "2016-06-01T00:00:00Z".parse().unwrap());
    assert_eq!(export.rows[1].updated_at, "2016-03-27T01:59:00Z".parse().unwrap());
    assert_eq!(export.rows.iter().map(|row| row.odd_time).collect::<Vec<_>>(), [false, true]);
}

#[test]
fn an_unusable_row_says_why() {
    let line = |update: Update| update.line();
    assert_eq!(
        reason(&line(Update { state: "Pending", ..UPDATE })),
        "incident_state \"Pending\" is not known"
    );
    assert_eq!(reason(&UPDATE.line().replacen('1', "?", 1)), "number is missing");
    assert_eq!(
        reason(&line(Update { at: "24:00", ..UPDATE })),
        "sys_updated_at \"1/3/2016 24:00\" is not a time such as 29/2/2016 01:16"
    );
    assert_eq!(
        reason(&UPDATE.line().replace("1/3/2016 00:00", "30/2/2016 00:00")),
        "opened_at \"30/2/2016 00:00\" is not a time such as 29/2/2016 01:16"
    );
    assert_eq!(
        reason(&line(Update { assessment: (4, 2, 3), ..UPDATE })),
        "impact \"4\" is not 1, 2 or 3"
    );
    assert_eq!(
        reason(&UPDATE.line().replace("true,0,", "true,-1,")),
        "reassignment_count \"-1\" is not a count"
    );
    assert_eq!(
        reason(&UPDATE.line().replace(",6\n", ",6,\n")),
        "it has 19 columns, the header has 18"
    );
}

#[test]
fn a_row_that_is_not_text_is_rejected_alone() {
    let mut bytes = HEADER.as_bytes().to_vec();
    bytes.extend(UPDATE.line().replace("Phone", "Ph\u{7f}ne").into_bytes());
    let place = bytes.iter().position(|&b| b == 0x7f).unwrap();
    bytes[place] = 0xff;
    bytes.extend(UPDATE.line().into_bytes());
    let export = parse(&bytes, &TimeZone::UTC, Timestamp::MAX).unwrap();
    assert_eq!(export.rows.len(), 1);
    assert_eq!(export.rejects[0].reason, "it is not UTF-8 text");
}

#[test]
fn a_file_that_is_no_export_is_refused_in_one_sentence() {
    assert_eq!(refusal(""), "the file is empty");
    assert_eq!(refusal(HEADER), "the file has a header but no rows");
    assert_eq!(
        refusal(&HEADER.replace(',', ";")),
        "the file's columns are separated by semicolons; export it with commas"
    );
    assert_eq!(refusal("number,created\n1,2\n").lines().count(), 1, "one sentence");
    assert!(refusal("number,created\n1,2\n").contains("its header lacks incident_state, "));
    assert_eq!(
        refusal(&HEADER.replace("category", "number")),
        "the file's header names the column number twice"
    );
}

#[test]
fn a_cut_file_is_refused_wherever_it_was_cut() {
    let whole = format!("{HEADER}{}{}", UPDATE.line(), UPDATE.line());
    let last = whole.len() - UPDATE.line().len();
    // Without the last column's one character and the line's end nothing is lost.
    for cut in last + 1..whole.len() - 2 {
        let refusal = refusal(&whole[..cut]);
        assert_eq!(
            refusal, "the file ends in the middle of line 3: it was cut; export it again",
            "cut at {cut}"
        );
    }
    let quoted = whole.replacen("Phone", "\"Phone", 1);
    assert!(refusal(&quoted).contains("it was cut"));
}

#[test]
fn a_file_without_a_last_line_end_is_used_and_told() {
    let notes = |text: &str| {
        let export = parse(text.as_bytes(), &TimeZone::UTC, Timestamp::MAX).unwrap();
        export.notes.iter().map(|note| (note.line, note.kind)).collect::<Vec<_>>()
    };
    let header = HEADER.replace("closed_code\n", "closed_code,comments\n");
    let line = UPDATE.line().replace(",6\n", ",6,all is well\n");
    assert_eq!(notes(&format!("{header}{line}")), []);
    // Inside a column that is not read a cut file cannot be told from a whole one.
    let cut = format!("{header}{line}{}", &line[..line.len() - 6]);
    assert_eq!(notes(&cut), [(3, Kind::NoLineEnd)]);
    let quoted = format!("{header}{}", line.replace("all is well\n", "\"all is"));
    let refusal = refusal(&quoted);
    assert!(refusal.contains("ends inside a quote that is opened in line 2: it was cut"));
}

#[test]
fn a_record_of_several_lines_is_used_only_if_no_column_breaks_that_is_read() {
    let header = HEADER.replace("closed_code\n", "closed_code,comments\n");
    let line = UPDATE.line().replace(",6\n", ",6,\"one\ntwo\"\n");
    let export =
        parse(format!("{header}{line}{line}").as_bytes(), &TimeZone::UTC, Timestamp::MAX).unwrap();
    let lines: Vec<_> = export.rows.iter().map(|row| row.line).collect();
    assert_eq!(lines, [2, 4]);
    assert_eq!(
        export.notes.iter().map(|note| note.kind).collect::<Vec<_>>(),
        [Kind::SeveralLines; 2]
    );
    assert_eq!(
        reason(&UPDATE.line().replace("Phone", "\"Pho\nne\"")),
        "contact_type has a line break, as if a quote were not closed; it goes on to line 3"
    );
}

#[test]
fn what_a_file_says_does_not_steer_the_terminal() {
    let line = UPDATE.line().replacen("1,New", "\u{1b}[31m1,New", 1);
    let header = HEADER.replace("active", "act\u{1b}[0mive");
    let export =
        parse(format!("{header}{line}").as_bytes(), &TimeZone::UTC, Timestamp::MAX).unwrap();
    assert_eq!(export.ignored_columns, ["act\\u{1b}[0mive"]);
    assert_eq!(export.rejects[0].number, "\\u{1b}[31m1");
}
