//! Ids in Odzew made of the codes of a ServiceNow export. The same code always makes the
//! same id. People are codes in an export that was made anonymous and may be names in
//! another one, so a person's code is kept only if it is a number, and hashed otherwise.
use uuid::Uuid;

/// Where tickets stand whose group the export does not name.
pub(crate) const UNKNOWN_GROUP: &str = "sn-group-unknown";

/// Who made an update that the export says nobody made.
pub(crate) const UNKNOWN_USER: &str = "sn-user-unknown";

/// Longest readable part of an id; with prefix and hash it stays within 40 characters.
const READABLE: usize = 16;

/// The queue of a group, and the team that serves it.
pub(crate) fn queue(group: Option<&str>) -> String {
    group.map_or_else(|| UNKNOWN_GROUP.to_owned(), |group| format!("sn-group-{}", slug(group)))
}

/// An assignee.
pub(crate) fn agent(assigned_to: &str) -> String {
    format!("sn-{}", person(assigned_to))
}

/// Who made an update; another numbering than the assignees'.
pub(crate) fn user(updated_by: Option<&str>) -> String {
    updated_by.map_or_else(|| UNKNOWN_USER.to_owned(), |user| format!("sn-user-{}", person(user)))
}

/// Who asked.
pub(crate) fn caller(caller_id: &str) -> String {
    format!("sn-caller-{}", person(caller_id))
}

/// Code of a category.
pub(crate) fn category(category: &str) -> String {
    format!("SN/{}", slug(category))
}

/// Code of a resolution.
pub(crate) fn resolution(closed_code: Option<&str>) -> String {
    let code = closed_code.map_or_else(|| "unknown".to_owned(), slug);
    format!("SN_{}", code.to_uppercase().replace('-', "_"))
}

/// Request id of an incident's import into a service.
pub(crate) fn request_id(tenant: &str, service: &str, number: &str) -> String {
    let name = format!("{tenant}/servicenow/{service}/{number}");
    Uuid::new_v5(&Uuid::NAMESPACE_OID, name.as_bytes()).to_string()
}

/// Request id of a change of the directory after that version of it: what is put makes it, since
/// later exports may put the same agent into more teams.
pub(crate) fn directory_request_id(
    tenant: &str,
    version: u32,
    object: &impl prost::Message,
) -> String {
    let mut name = format!("{tenant}/servicenow/directory/{version}/").into_bytes();
    name.extend(object.encode_to_vec());
    Uuid::new_v5(&Uuid::NAMESPACE_OID, &name).to_string()
}

fn person(code: &str) -> String {
    if is_number(code) { code.to_owned() } else { hash(code) }
}

/// A number as it is; of anything else the readable part and a hash that tells it from
/// others with the same readable part.
fn slug(code: &str) -> String {
    if is_number(code) {
        return code.to_owned();
    }
    let words = code.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    let mut readable = words.collect::<Vec<_>>().join("-").to_lowercase();
    readable.truncate(READABLE);
    format!("{readable}-{}", hash(code)).trim_start_matches('-').to_owned()
}

fn is_number(code: &str) -> bool {
    (1..=20).contains(&code.len()) && code.bytes().all(|b| b.is_ascii_digit())
}

fn hash(code: &str) -> String {
    let mut hash = Uuid::new_v5(&Uuid::NAMESPACE_OID, code.as_bytes()).simple().to_string();
    hash.truncate(12);
    hash
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_stay_readable_and_names_of_people_do_not() {
        assert_eq!(agent("13"), "sn-13");
        assert_eq!(queue(Some("70")), "sn-group-70");
        assert_eq!(queue(None), "sn-group-unknown");
        assert_eq!(category("55"), "SN/55");
        assert_eq!(resolution(Some("6")), "SN_6");
        assert!(!agent("Beth Anglin").to_lowercase().contains("beth"));
        assert_ne!(agent("Beth Anglin"), agent("Bow Ruggeri"));
    }

    #[test]
    fn groups_that_look_alike_have_different_queues() {
        let (one, other) = (queue(Some("Network: Łódź")), queue(Some("network ódź")));
        assert_ne!(one, other);
        for id in [one, other, queue(Some("Ł")), queue(Some(&"very long ".repeat(20)))] {
            assert!(id.len() <= 40, "{id}");
            assert!(id.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-'));
        }
    }
}
