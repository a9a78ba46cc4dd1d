//! Addresses that must not be called, and some that may.
#![allow(clippy::unwrap_used)]
use super::*;

fn guard() -> Guard {
    Guard {
        allow_private: false,
        forbidden_hosts: vec!["api.odzew.example.com".to_owned()],
        forbidden_networks: ["198.51.100.0/24", "2606:2800::/32"]
            .map(|n| serde_json::from_value((*n).into()).unwrap())
            .into(),
    }
}

#[test]
fn addresses_that_are_not_public_are_refused_however_they_are_written() {
    for url in [
        "https://169.254.169.254/latest/meta-data",
        "https://[::ffff:127.0.0.1]/",
        "https://0x7f.1/",
        "https://2130706433/",
        "https://017700000001/",
        "https://127.1/",
        "https://localhost/",
        "https://localhost./",
        "https://odzew.localhost/",
        "https://metadata.google.internal/",
        "https://intranet/",
        "https://10.1.2.3/",
        "https://172.16.0.1/",
        "https://192.168.1.1/",
        "https://100.64.0.1/",
        "https://0.0.0.0/",
        "https://224.0.0.1/",
        "https://[::1]/",
        "https://[::]/",
        "https://[64:ff9b::7f00:1]/",
        "https://[2002:7f00:1::]/",
        "https://[fc00::1]/",
        "https://[fe80::1]/",
        "https://[ff02::1]/",
        "https://user@hooks.example.com/",
        "https://user:pass@hooks.example.com/",
        "https://hooks.example.com@127.0.0.1/",
        "file:///etc/passwd",
        "ftp://hooks.example.com/",
        "gopher://hooks.example.com/",
        "http://hooks.example.com/",
        "https://hooks.example.com:25/",
        "https://hooks.example.com:8080/",
        "https://hооks.example.com/",
        "https://hooks.example.com\\@127.0.0.1/",
        "https://hooks.example.com/ x",
        "https://hooks.example.com/\r\nHost: a",
        "https://api.odzew.example.com/",
        "https://API.odzew.example.com./",
        "https://hooks.example.com/#fragment",
        "//hooks.example.com/",
        "hooks.example.com",
        "",
    ] {
        assert!(guard().check(url).is_err(), "{url}");
    }
}

#[test]
fn public_hosts_over_https_are_allowed() {
    for url in [
        "https://hooks.example.com/odzew?key=1",
        "https://hooks.example.com:443/",
        "https://xn--bcher-kva.example/",
        "https://93.184.216.34/",
        "https://[2607:2800:220:1::1]/",
    ] {
        assert!(guard().check(url).is_ok(), "{url}");
    }
}

#[test]
fn one_private_address_among_public_ones_is_enough_to_refuse() {
    let addresses = |texts: &[&str]| {
        let parsed: Vec<SocketAddr> = texts.iter().map(|text| text.parse().unwrap()).collect();
        guard().checked(parsed.into_iter())
    };
    assert_eq!(addresses(&["93.184.216.34:443"]).unwrap().len(), 1);
    assert!(addresses(&["93.184.216.34:443", "[fc00::1]:443"]).is_err());
    assert!(addresses(&["10.0.0.1:443"]).is_err());
}

#[test]
fn the_networks_of_the_settings_are_refused_though_they_are_public() {
    let public = |address: &str| Guard { forbidden_networks: Vec::new(), ..guard() }.check(address);
    assert!(public("https://[2606:2800:220:1::1]/").is_ok());
    assert!(guard().check("https://[2606:2800:220:1::1]/").is_err());
    assert!(guard().checked(["[2606:2800::7]:443".parse().unwrap()].into_iter()).is_err());
    let local = Guard { allow_private: true, ..guard() };
    assert!(local.check("http://198.51.100.7:8080/").is_err());
}

#[tokio::test]
async fn a_name_that_points_to_this_machine_is_refused_at_the_connection() {
    let resolver = Resolver(Arc::new(guard()));
    let outcome = resolver.resolve("localhost".parse().unwrap()).await;
    let error = outcome.err().unwrap();
    assert!(error.is::<Forbidden>(), "{error}");
}

#[test]
fn tests_and_demonstrations_may_call_this_machine() {
    let guard = Guard { allow_private: true, ..guard() };
    assert!(guard.check("http://127.0.0.1:4711/hook").is_ok());
    assert!(guard.check("file:///etc/passwd").is_err());
    assert!(guard.check("http://user@127.0.0.1/").is_err());
}
