//! Whole files: what is used, what is reported, what is counted.
#![allow(clippy::unwrap_used)]
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use jiff::tz::TimeZone;
use wire::intake::v1::TicketState;

use super::counts::Line;
use super::*;

pub(super) const HEADER: &str = "number,incident_state,active,reassignment_count,reopen_count,\
    sys_mod_count,caller_id,opened_at,sys_updated_by,sys_updated_at,contact_type,category,\
    impact,urgency,priority,assignment_group,assigned_to,closed_code\n";

/// One update of incident 1, opened at midnight of 1 March 2016 and updated that day.
#[derive(Clone, Copy)]
pub(super) struct Update {
    pub(super) state: &'static str,
    pub(super) modification: u32,
    pub(super) at: &'static str,
    pub(super) reassignments: u32,
    pub(super) reopens: u32,
    pub(super) category: &'static str,
    pub(super) assessment: (u32, u32, u32),
    pub(super) group: &'static str,
    pub(super) agent: &'static str,
}

pub(super) const UPDATE: Update = Update {
    state: "New",
    modification: 0,
    at: "01:00",
    reassignments: 0,
    reopens: 0,
    category: "5",
    assessment: (2, 2, 3),
    group: "70",
    agent: "?",
};

impl Update {
    pub(super) fn line(&self) -> String {
        let Self { state, modification, at, reassignments, reopens, category, .. } = self;
        let (impact, urgency, priority) = self.assessment;
        let (group, agent) = (self.group, self.agent);
        format!(
            "1,{state},true,{reassignments},{reopens},{modification},7,1/3/2016 00:00,9,\
             1/3/2016 {at},Phone,{category},{impact},{urgency},{priority},{group},{agent},6\n"
        )
    }
}

pub(super) fn rows(updates: &[Update]) -> Vec<Row> {
    let text: String = updates.iter().map(Update::line).collect();
    let export =
        servicenow::parse(format!("{HEADER}{text}").as_bytes(), &TimeZone::UTC, Timestamp::MAX)
            .unwrap();
    assert_eq!(export.rejects, []);
    let (mut incidents, _) = mapping::incidents(export.rows);
    incidents.remove("1").unwrap_or_default()
}

fn import(text: &str) -> Import {
    prepare("acme", servicenow::parse(text.as_bytes(), &TimeZone::UTC, Timestamp::MAX).unwrap())
}

#[test]
fn every_row_is_accounted_for() {
    let lines = [
        UPDATE.line(),
        Update { modification: 1, at: "02:00", ..UPDATE }.line(),
        Update { modification: 1, at: "02:00", ..UPDATE }.line(),
        Update { state: "Pending", modification: 2, at: "03:00", ..UPDATE }.line(),
        Update { state: "Resolved", modification: 3, at: "04:00", ..UPDATE }.line(),
        Update { state: "Closed", modification: 4, at: "05:00", ..UPDATE }.line(),
    ];
    let import = import(&format!("{HEADER}{}", lines.concat()));
    assert_eq!(import.findings.records, 6);
    assert_eq!(import.findings.telling_rows, 3);
    let reasons: Vec<_> =
        import.findings.rejects.iter().map(|r| (r.line, r.reason.as_str())).collect();
    assert_eq!(reasons, [(4, "it repeats line 3"), (5, "incident_state \"Pending\" is not known")]);
    let text = import.findings.text(None);
    assert!(text.contains("6 rows: 3 tell something new, 1 change nothing"), "{text}");
    assert!(text.contains("not used: line 5 (incident 1)"), "{text}");
    assert!(text.contains("Columns not taken over: active"), "{text}");
}

#[test]
fn an_incident_without_a_usable_row_makes_the_counts_differ() {
    let lost = UPDATE.line().replacen("1,New", "2,Gone", 1);
    let import = import(&format!("{HEADER}{}{lost}", UPDATE.line()));
    assert_eq!(import.in_file.get(Line::Incidents), 2);
    assert_eq!(import.sent.get(Line::Incidents), 1);
    let (table, differing) = report::compare(&import.in_file, &import.sent, None);
    assert_eq!(differing, 2, "all, and those with their last update: {table}");
    assert!(agreed(differing).is_err());
}

#[test]
fn an_incident_whose_last_update_cannot_be_used_makes_the_counts_differ() {
    let first = UPDATE.line();
    let last = Update { state: "Resolved", modification: 1, at: "02:00", ..UPDATE };
    let differing = |rows: &[String]| {
        let import = import(&format!("{HEADER}{}", rows.concat()));
        let (table, differing) = report::compare(&import.in_file, &import.sent, None);
        assert_eq!(differing > 0, table.to_string().contains("differs"), "{table}");
        differing
    };
    assert_eq!(differing(&[first.clone(), last.line()]), 0);
    assert_eq!(differing(&[first.clone(), Update { state: "Done", ..last }.line()]), 1);
    assert_eq!(differing(&[first.clone(), Update { at: "25:00", ..last }.line()]), 1);
    // What is used is later than what is not.
    assert_eq!(differing(&[Update { state: "Begun", ..UPDATE }.line(), last.line()]), 0);
    // It says of no incident that it is about it, so it may be any.
    assert_eq!(differing(&[first.clone(), last.line().replacen('1', "?", 1)]), 1);
    // The same twice is no loss.
    assert_eq!(differing(&[first.clone(), first]), 0);
}

#[test]
fn a_row_of_the_future_is_not_used_and_the_dry_run_says_so() {
    let later = Update { state: "Resolved", modification: 1, at: "02:00", ..UPDATE };
    let text = format!("{HEADER}{}{}", UPDATE.line(), later.line());
    let now = "2016-03-01T01:59:59Z".parse().unwrap();
    let export = servicenow::parse(text.as_bytes(), &TimeZone::UTC, now).unwrap();
    assert_eq!(export.rows.len(), 1);
    let reason = "sys_updated_at is in the future, 2016-03-01T02:00:00Z; is --zone right?";
    assert_eq!(export.rejects[0].reason, reason);
    let import = prepare("acme", export);
    assert!(report::compare(&import.in_file, &import.sent, None).1 > 0);
}

#[test]
fn rows_that_a_quote_hides_make_the_counts_differ() {
    let hidden = UPDATE.line().replacen("Phone", "\"Phone", 1);
    let rows = [hidden, Update { modification: 1, ..UPDATE }.line().replace("true", "\"true\"")];
    let import = import(&format!("{HEADER}{}{}", rows.concat(), UPDATE.line()));
    let text = import.findings.text(None);
    assert!(text.contains("line 2 (incident 1): its quotes do not match"), "{text}");
    assert!(text.contains("it goes on to line 3"), "{text}");
    let (table, differing) = report::compare(&import.in_file, &import.sent, None);
    assert!(differing > 0 && table.to_string().contains("no known incident"), "{table}");
}

#[test]
fn a_priority_off_the_matrix_makes_the_counts_differ() {
    let import = import(&format!("{HEADER}{}", Update { assessment: (2, 2, 1), ..UPDATE }.line()));
    let (table, differing) = report::compare(&import.in_file, &import.sent, None);
    assert_eq!(differing, 2, "{table}");
}

#[test]
fn the_rejects_file_names_every_row_that_is_not_used_as_it_stands() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("rejects.csv");
    let bad = Update { at: "25:61", ..UPDATE }.line();
    let odd = Update { group: "?", ..UPDATE }.line();
    let refused = BTreeMap::from([("1".to_owned(), "it was taken over before".to_owned())]);
    let findings = import(&format!("{HEADER}{bad}{odd}")).findings;
    let rejects = RejectsFile::at(&file, folder.path()).unwrap();
    rejects.write(&findings, &refused).unwrap();
    let written = std::fs::read_to_string(&file).unwrap();
    let lines: Vec<_> = written.lines().collect();
    assert_eq!(lines.len(), 4, "{written}");
    assert!(lines[1].starts_with("2,1,not used,"), "{written}");
    assert!(lines[2].starts_with(",1,incident refused,it was taken over before"), "{written}");
    assert!(lines[3].starts_with("3,1,adjusted,assignment_group is missing"), "{written}");
    // An earlier import's are replaced.
    assert!(RejectsFile::at(&file, folder.path()).is_ok());
}

#[test]
fn the_rejects_replace_no_other_file() {
    let folder = tempfile::tempdir().unwrap();
    let (export, link) = (folder.path().join("export.csv"), folder.path().join("link.csv"));
    std::fs::write(&export, HEADER).unwrap();
    std::os::unix::fs::symlink(&export, &link).unwrap();
    for rejects in [&export, &link] {
        let refused = RejectsFile::at(rejects, &export).unwrap_err().to_string();
        assert!(refused.contains("is the export itself"), "{refused}");
    }
    let other = folder.path().join("other.csv");
    std::fs::write(&other, "line,of,another,file\n").unwrap();
    let refused = RejectsFile::at(&other, &export).unwrap_err().to_string();
    assert!(refused.contains("holds no rejects of an import"), "{refused}");
    assert!(RejectsFile::at(&folder.path().join("new.csv"), &export).is_ok());
}

#[test]
fn the_rejects_file_has_no_formulas() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("rejects.csv");
    let formula = UPDATE.line().replacen("1,New", "=1+1,Gone", 1);
    let findings = import(&format!("{HEADER}{formula}")).findings;
    let rejects = RejectsFile::at(&file, folder.path()).unwrap();
    rejects.write(&findings, &BTreeMap::new()).unwrap();
    let written = std::fs::read_to_string(file).unwrap();
    assert!(written.contains("2,'=1+1,not used,"), "{written}");
}

/// Where the larger data are, if they are here.
#[expect(clippy::disallowed_methods, reason = "where data for tests are is no setting")]
fn data() -> PathBuf {
    std::env::var_os("ODZEW_DATA_DIR").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data"),
        PathBuf::from,
    )
}

#[test]
fn the_real_export_is_taken_over_whole() {
    let file = data().join("servicenow_incidents.csv");
    if !file.exists() {
        eprintln!("skipped: {} is not there; set ODZEW_DATA_DIR", file.display());
        return;
    }
    let import = prepare("acme", servicenow::read(&file, &TimeZone::UTC, Timestamp::MAX).unwrap());
    assert_eq!(import.findings.records, 12_370);
    assert!(import.findings.rejects.is_empty());
    assert!(import.findings.refused.is_empty());
    for counts in [&import.in_file, &import.sent] {
        assert_eq!(counts.get(Line::Incidents), 1_767);
        assert_eq!(counts.get(Line::Reopened), 21);
        assert_eq!(counts.get(Line::Reassigned), 857);
        assert_eq!(counts.get(Line::State(TicketState::Closed)), 1_767);
        let priorities =
            domain::priority::Priority::ALL.map(|priority| counts.get(Line::Priority(priority)));
        assert_eq!(priorities, [23, 51, 1_533, 160]);
    }
    assert_eq!(import.findings.left_resolved, 22, "one more than reopen_count counts");
    let (table, differing) = report::compare(&import.in_file, &import.sent, None);
    assert_eq!(differing, 0, "{table}");
}
