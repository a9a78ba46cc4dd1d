//! Pages of a list: their size, and the token of the next one.
//!
//! A token names the key after which the next page starts. It is marked with its list and its scope
//! (the tenant, and everything else that may not change from page to page), so that a foreign or
//! edited token is refused instead of giving a wrong page. It grants nothing: access is checked for
//! every page as for the first.

use std::str::FromStr;

use tonic::Status;

use crate::{rpc, status};

/// How many items a page may have.
#[derive(Debug, Clone, Copy)]
pub struct Sizes {
    /// If the caller does not say.
    pub default: usize,
    /// Whatever the caller says.
    pub most: usize,
}

/// Which page of a list is asked for.
#[derive(Debug)]
pub struct Page {
    list: &'static str,
    scope: String,
    size: usize,
    after: Option<String>,
}

impl Page {
    /// Reads `page_size` and `page_token`.
    ///
    /// # Errors
    /// INVALID_ARGUMENT for a negative size, `PAGE_TOKEN_INVALID` for a foreign token.
    pub fn read(
        list: &'static str,
        scope: impl ToString,
        (page_size, page_token): (i32, &str),
        sizes: Sizes,
    ) -> Result<Self, Status> {
        let scope = scope.to_string();
        let size = match usize::try_from(page_size) {
            Ok(0) => sizes.default,
            Ok(size) => size.min(sizes.most),
            Err(_) => return Err(status::invalid_field("page_size", "must not be negative")),
        };
        let after = match page_token {
            "" => None,
            token => Some(open(list, &scope, token).ok_or_else(status::page_token_invalid)?),
        };
        Ok(Self { list, scope, size, after })
    }

    /// The key after which the page begins; none for the first page.
    ///
    /// # Errors
    /// `PAGE_TOKEN_INVALID` if it is no key of the list.
    pub fn after<K: FromStr>(&self) -> Result<Option<K>, Status> {
        let after = self.after.as_deref().map(str::parse).transpose();
        after.map_err(|_| status::page_token_invalid())
    }

    /// Whether nothing comes before it.
    pub fn is_first(&self) -> bool {
        self.after.is_none()
    }

    /// How many items to read: one more than the page has, to see whether another page follows.
    pub fn limit(&self) -> i64 {
        i64::try_from(self.size).unwrap_or(i64::MAX).saturating_add(1)
    }

    /// Of what was read behind [`Self::after`] up to [`Self::limit`], the items of this page and
    /// the token of the next one.
    pub fn cut<T, K: ToString>(
        &self,
        mut items: Vec<T>,
        key: impl FnOnce(&T) -> K,
    ) -> (Vec<T>, String) {
        let more = items.len() > self.size;
        items.truncate(self.size);
        let last = items.last().filter(|_| more);
        let token = last.map(|last| seal(self.list, &self.scope, key(last)));
        (items, token.unwrap_or_default())
    }

    /// The items of this page out of `all`, which are in memory and in the order of their keys,
    /// and the token of the next one.
    pub fn of<T>(&self, all: impl IntoIterator<Item = (String, T)>) -> (Vec<T>, String) {
        let after = self.after.as_deref();
        let rest = all.into_iter().filter(|(key, _)| after.is_none_or(|after| &**key > after));
        let (items, token) = self.cut(rest.take(self.size + 1).collect(), |(key, _)| key.clone());
        (items.into_iter().map(|(_, item)| item).collect(), token)
    }
}

/// The token of a key; a list's own scope keeps it from being used elsewhere.
pub fn seal(list: &str, scope: &str, key: impl ToString) -> String {
    let key = key.to_string();
    format!("{key}.{}", mark(list, scope, &key))
}

/// The key of a token, if it was made for this list and scope.
pub fn open(list: &str, scope: &str, token: &str) -> Option<String> {
    let (key, mark) = token.rsplit_once('.')?;
    (mark == self::mark(list, scope, key)).then(|| key.to_owned())
}

fn mark(list: &str, scope: &str, key: &str) -> String {
    let hash = rpc::fingerprint(list, format!("{scope}/{key}").as_bytes());
    format!("{:032x}", u128::from_be_bytes(hash))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use tonic::Code;
    use tonic_types::StatusExt;

    const MOST: Sizes = Sizes { default: 10, most: 10 };

    fn all() -> impl Iterator<Item = (String, u8)> {
        ["a", "b.c", "d"].into_iter().map(str::to_owned).zip(1..)
    }

    #[test]
    fn pages_follow_each_other_to_the_end() {
        let first = Page::read("lists.List", "acme", (2, ""), MOST).unwrap();
        let (items, token) = first.of(all());
        assert_eq!(items, [1, 2]);
        let second = Page::read("lists.List", "acme", (2, &token), MOST).unwrap();
        assert_eq!(second.of(all()), (vec![3], String::new()));
    }

    #[test]
    fn a_list_that_is_read_page_by_page_needs_no_order_of_keys() {
        let page = Page::read("lists.List", "acme", (2, ""), MOST).unwrap();
        assert_eq!((page.after::<i64>().unwrap(), page.limit()), (None, 3));
        let (items, token) = page.cut(vec![10, 9, 8], |item| *item);
        assert_eq!(items, [10, 9]);
        let next = Page::read("lists.List", "acme", (2, &token), MOST).unwrap();
        assert_eq!(next.after::<i64>().unwrap(), Some(9));
        assert_eq!(next.cut(vec![8, 7], |item| *item), (vec![8, 7], String::new()));
        assert!(next.after::<uuid::Uuid>().is_err());
    }

    #[test]
    fn size_is_bounded_and_not_negative() {
        for size in [0, i32::MAX] {
            let page = Page::read("lists.List", "acme", (size, ""), Sizes { default: 2, most: 2 })
                .unwrap();
            assert_eq!(page.of(all()).0, [1, 2]);
        }
        let refusal = Page::read("lists.List", "acme", (-1, ""), MOST).unwrap_err();
        assert_eq!(refusal.code(), Code::InvalidArgument);
    }

    #[test]
    fn a_token_belongs_to_its_list_and_tenant() {
        let (_, token) = Page::read("lists.List", "acme", (1, ""), MOST).unwrap().of(all());
        let edited = token.replacen('a', "b", 1);
        for (list, tenant, token) in [
            ("lists.Other", "acme", token.as_str()),
            ("lists.List", "other", &token),
            ("lists.List", "acme", &edited),
            ("lists.List", "acme", "\0"),
        ] {
            let refusal = Page::read(list, tenant, (1, token), MOST).unwrap_err();
            assert_eq!(refusal.get_details_error_info().unwrap().reason, "PAGE_TOKEN_INVALID");
        }
    }
}
