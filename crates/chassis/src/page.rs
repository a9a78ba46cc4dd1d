//! Pages of a list that is in memory anyway: how long they are and where the next one begins.
//!
//! A token says after which key to go on. It is sealed with the list and the tenant it belongs to,
//! so that a foreign one is refused instead of giving a wrong page. It grants nothing: the next
//! page is asked for like the first.

use tonic::Status;

use crate::{rpc, status};

/// Which page of which tenant's list is asked for.
#[derive(Debug)]
pub struct Page<'a> {
    list: &'static str,
    tenant: &'a str,
    size: usize,
    after: Option<String>,
}

impl<'a> Page<'a> {
    /// Reads `page_size` and `page_token`; 0 is `most`, and more than `most` is `most`.
    ///
    /// # Errors
    /// INVALID_ARGUMENT for a negative size, `PAGE_TOKEN_INVALID` for a foreign token.
    pub fn read(
        list: &'static str,
        tenant: &'a str,
        (page_size, page_token): (i32, &str),
        most: usize,
    ) -> Result<Self, Status> {
        let size = match usize::try_from(page_size) {
            Ok(0) => most,
            Ok(size) => size.min(most),
            Err(_) => return Err(status::invalid_field("page_size", "must not be negative")),
        };
        let mut page = Self { list, tenant, size, after: None };
        if !page_token.is_empty() {
            page.after = Some(page.open(page_token).ok_or_else(status::page_token_invalid)?);
        }
        Ok(page)
    }

    /// The key after which the page begins; none for the first page.
    pub fn after(&self) -> Option<&str> {
        self.after.as_deref()
    }

    /// Most items of the page; with one more, [`Self::cut`] knows that there is another page.
    pub fn size(&self) -> usize {
        self.size
    }

    /// The items of this page, and the token of the next one; `all` is in the order of its keys.
    pub fn cut<T>(&self, all: impl IntoIterator<Item = (String, T)>) -> (Vec<T>, String) {
        let after = self.after.as_deref();
        let mut rest = all.into_iter().filter(|(key, _)| after.is_none_or(|after| &**key > after));
        let mut last = String::new();
        let mut items = Vec::new();
        for (key, item) in rest.by_ref().take(self.size) {
            last = key;
            items.push(item);
        }
        let more = rest.next().is_some();
        (items, if more { self.seal(&last) } else { String::new() })
    }

    fn seal(&self, key: &str) -> String {
        format!("{key}.{}", self.mark(key))
    }

    fn open(&self, token: &str) -> Option<String> {
        let (key, mark) = token.rsplit_once('.')?;
        (mark == self.mark(key)).then(|| key.to_owned())
    }

    fn mark(&self, key: &str) -> String {
        let scope = format!("{}/{key}", self.tenant);
        let hash = rpc::fingerprint(self.list, scope.as_bytes());
        format!("{:032x}", u128::from_be_bytes(hash))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use tonic::Code;
    use tonic_types::StatusExt;

    fn all() -> impl Iterator<Item = (String, u8)> {
        ["a", "b.c", "d"].into_iter().map(str::to_owned).zip(1..)
    }

    #[test]
    fn pages_follow_each_other_to_the_end() {
        let first = Page::read("lists.List", "acme", (2, ""), 10).unwrap();
        let (items, token) = first.cut(all());
        assert_eq!(items, [1, 2]);
        let second = Page::read("lists.List", "acme", (2, &token), 10).unwrap();
        assert_eq!(second.cut(all()), (vec![3], String::new()));
    }

    #[test]
    fn size_is_bounded_and_not_negative() {
        for size in [0, i32::MAX] {
            let page = Page::read("lists.List", "acme", (size, ""), 2).unwrap();
            assert_eq!(page.cut(all()).0, [1, 2]);
        }
        let refusal = Page::read("lists.List", "acme", (-1, ""), 2).unwrap_err();
        assert_eq!(refusal.code(), Code::InvalidArgument);
    }

    #[test]
    fn a_token_belongs_to_its_list_and_tenant() {
        let (_, token) = Page::read("lists.List", "acme", (1, ""), 9).unwrap().cut(all());
        let edited = token.replacen('a', "b", 1);
        for (list, tenant, token) in [
            ("lists.Other", "acme", token.as_str()),
            ("lists.List", "other", &token),
            ("lists.List", "acme", &edited),
            ("lists.List", "acme", "\0"),
        ] {
            let refusal = Page::read(list, tenant, (1, token), 9).unwrap_err();
            assert_eq!(refusal.get_details_error_info().unwrap().reason, "PAGE_TOKEN_INVALID");
        }
    }
}
