//! The configuration reference, made from the commented default file.
use std::fmt::Write as _;

/// `docs/CONFIGURATION.md`: one table per section, the comment above a key explains it.
pub(crate) fn markdown(defaults: &str) -> String {
    let mut page = String::from(
        "# Configuration\n\n\
         Defaults are built in; a file given with `--config` overrides them, and the environment\n\
         overrides both: `grpc.max_in_flight` is `ODZEW_GRPC__MAX_IN_FLIGHT`. An unknown key or a\n\
         wrong value is told together with every other one before anything starts, and the\n\
         process exits with 64. In a file a value has the type of its default; a variable is text.\n\
         `odzew config` prints what is in effect, secrets hidden.\n\n\
         This page is made from `crates/odzew/config.default.toml` by\n\
         `odzew config --reference`; a test compares them.\n",
    );
    let mut comment = String::new();
    for line in defaults.lines().map(str::trim) {
        if let Some(text) = line.strip_prefix('#') {
            let _ = write!(comment, "{}{}", if comment.is_empty() { "" } else { " " }, text.trim());
        } else if let Some(section) = line.strip_prefix('[') {
            let section = section.trim_end_matches(']');
            let _ = write!(page, "\n## `[{section}]`\n\n");
            if !comment.is_empty() {
                let _ = write!(page, "{comment}\n\n");
            }
            page.push_str("| key | default | what and why |\n|---|---|---|\n");
            comment.clear();
        } else if let Some((key, value)) = line.split_once(" = ") {
            let _ = writeln!(page, "| `{key}` | `{value}` | {comment} |");
            comment.clear();
        } else {
            comment.clear();
        }
    }
    page
}
