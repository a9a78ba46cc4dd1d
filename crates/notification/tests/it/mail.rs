//! Reads the mails that a sink kept.
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use testkit::Mail;

/// What a mail says.
#[derive(Debug, Clone)]
pub(crate) struct Letter {
    pub(crate) to: String,
    headers: Vec<(String, String)>,
    pub(crate) text: String,
    pub(crate) html: String,
}

impl Letter {
    pub(crate) fn read(mail: &Mail) -> Self {
        let raw = String::from_utf8(mail.raw.clone()).unwrap();
        let (head, body) = raw.split_once("\r\n\r\n").unwrap();
        let headers = headers(head);
        let kind = value(&headers, "content-type");
        let boundary = kind.split("boundary=\"").nth(1).unwrap().split('"').next().unwrap();
        let parts: Vec<_> = body.split(&format!("--{boundary}")).collect();
        Self { to: mail.to.join(","), headers, text: part(parts[1]), html: part(parts[2]) }
    }

    pub(crate) fn header(&self, name: &str) -> String {
        value(&self.headers, name)
    }

    pub(crate) fn subject(&self) -> String {
        self.header("subject")
    }
}

fn value(headers: &[(String, String)], name: &str) -> String {
    let found = headers.iter().find(|(key, _)| key == name);
    found.map(|(_, value)| value.clone()).unwrap_or_default()
}

fn headers(head: &str) -> Vec<(String, String)> {
    let unfolded = head.trim().replace("\r\n ", " ");
    let pairs = unfolded.lines().filter_map(|line| line.split_once(": "));
    pairs.map(|(name, value)| (name.to_lowercase(), words(value))).collect()
}

/// Text with the encoded words of RFC 2047 in it.
fn words(value: &str) -> String {
    let mut bytes = Vec::new();
    let mut after_word = false;
    for word in value.split(' ') {
        let encoded = word.strip_prefix("=?utf-8?b?").and_then(|word| word.strip_suffix("?="));
        // Blanks between two encoded words are not part of the text.
        let glued = after_word && encoded.is_some();
        if !bytes.is_empty() && !glued {
            bytes.push(b' ');
        }
        match encoded {
            Some(text) => bytes.extend(STANDARD.decode(text).unwrap()),
            None => bytes.extend(word.as_bytes()),
        }
        after_word = encoded.is_some();
    }
    String::from_utf8(bytes).unwrap()
}

fn part(part: &str) -> String {
    let (head, body) = part.split_once("\r\n\r\n").unwrap();
    let body = body.trim_end_matches("\r\n");
    let bytes = match value(&headers(head), "content-transfer-encoding").as_str() {
        "base64" => STANDARD.decode(body.replace("\r\n", "")).unwrap(),
        "quoted-printable" => quoted_printable(body),
        _ => body.as_bytes().to_vec(),
    };
    String::from_utf8(bytes).unwrap().replace("\r\n", "\n")
}

fn quoted_printable(body: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut rest = body.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        match (first, after) {
            (b'=', [b'\r', b'\n', after @ ..]) => rest = after,
            (b'=', [high, low, after @ ..]) => {
                let hex = [*high, *low];
                bytes.push(u8::from_str_radix(std::str::from_utf8(&hex).unwrap(), 16).unwrap());
                rest = after;
            }
            _ => {
                bytes.push(*first);
                rest = after;
            }
        }
    }
    bytes
}
