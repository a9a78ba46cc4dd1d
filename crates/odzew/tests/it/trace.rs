//! One trace from a customer's call to the mail that answers it, as a collector sees it.
use std::collections::BTreeSet;

use chassis::rpc::Role;
use testkit::{Nats, eventually};

use crate::collector::{Collector, Exported, tree};
use crate::nats::streams_reach_the_head;
use crate::world::{ROLES, World};
use crate::{invariants, load};

const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";
const CALLER: &str = "00f067aa0ba902b7";

/// The spans of the customer's trace.
struct Trace(Vec<Exported>);

#[tokio::test(flavor = "multi_thread")]
async fn one_trace_leads_from_the_call_to_the_mail() {
    let nats = Nats::shared().await;
    let collector = Collector::start();
    let mut world = World::with(nats.url(), nats.prefix(), &collector.settings()).await;
    world.start(&ROLES).await;
    load::directory(&world).await;
    invariants::quiet(&world).await;

    let mut customer = world.clients("portal", Role::Customer);
    let mut request = tonic::Request::new(load::register(1));
    let traceparent = format!("00-{TRACE}-{CALLER}-01");
    request.metadata_mut().insert("traceparent", traceparent.parse().unwrap());
    customer.intake.register_ticket(request).await.unwrap();
    eventually(|| async {
        let mails = world.smtp.messages();
        mails.iter().any(|mail| mail.to.iter().any(|to| to == "customer-1@example.org"))
    })
    .await;
    invariants::quiet(&world).await;
    streams_reach_the_head(&world, &nats.client().await, nats.prefix()).await;
    world.stop().await;

    let trace = Trace(
        collector.spans().into_iter().filter(|each| hex(&each.span.trace_id) == TRACE).collect(),
    );
    let tree = tree(&trace.0, &bytes(CALLER));
    println!("\ntrace {TRACE}\n{tree}");
    for each in &trace.0 {
        let parent = hex(&each.span.parent_span_id);
        let known = trace.0.iter().any(|other| hex(&other.span.span_id) == parent);
        assert!(known || parent == CALLER, "{} hangs on nothing", each.span.name);
    }

    let rpc = trace.one("odzew-intake", "odzew.intake.v1.IntakeService/RegisterTicket", CALLER);
    let append = trace.one("odzew-intake", "append", &rpc);
    assert!(trace.below(&append).is_empty());
    let mut published = trace.of("odzew-relay", "publish", &rpc);
    published.retain(|each| each.attribute("event_type") == wire::event::TICKET_REGISTERED);
    assert_eq!(published.len(), 1, "the ticket's event goes out once:\n{tree}");
    assert_eq!(published[0].attribute("messaging.system"), "nats");
    for service in ["odzew-routing", "odzew-sla", "odzew-notification"] {
        let reactions = trace.of(service, "react", &rpc);
        let registered: Vec<_> = reactions
            .iter()
            .filter(|each| each.attribute("event_type") == wire::event::TICKET_REGISTERED)
            .collect();
        assert_eq!(registered.len(), 1, "{service} reacts once:\n{tree}");
        let react = hex(&registered[0].span.span_id);
        assert!(!trace.of(service, "append", &react).is_empty(), "{service} appends:\n{tree}");
        assert!(!trace.of("odzew-relay", "publish", &react).is_empty(), "{service}:\n{tree}");
    }
    for purpose in ["PURPOSE_ACK", "PURPOSE_ASSIGNMENT"] {
        sent_below_a_reaction(&trace, purpose);
    }
}

/// A notice is sent below the reaction that scheduled it, and what came of it is appended
/// below the sending.
fn sent_below_a_reaction(trace: &Trace, purpose: &str) {
    let mut sends = trace.0.iter().filter(|each| each.span.name == "send");
    let send = sends.find(|each| each.attribute("purpose") == purpose).unwrap();
    assert_eq!(send.service, "odzew-notification");
    let mut all = trace.0.iter();
    let parent = all.find(|each| each.span.span_id == send.span.parent_span_id).unwrap();
    assert_eq!((parent.service.as_str(), parent.span.name.as_str()), (&*send.service, "react"));
    let id = hex(&send.span.span_id);
    let appends = trace.of("odzew-notification", "append", &id).len();
    assert_eq!(appends, 2, "the beginning of the attempt and its end");
    assert_eq!(trace.of("odzew-relay", "publish", &id).len(), 2);
}

impl Trace {
    /// The spans of that service and name right below a span.
    fn of(&self, service: &str, name: &str, parent: &str) -> Vec<&Exported> {
        let mut below = self.below(parent);
        below.retain(|each| each.service == service && each.span.name == name);
        below
    }

    /// The only one of them; its id.
    fn one(&self, service: &str, name: &str, parent: &str) -> String {
        let found = self.of(service, name, parent);
        let names: BTreeSet<_> =
            self.0.iter().map(|each| (each.service.as_str(), each.span.name.as_str())).collect();
        assert_eq!(found.len(), 1, "{service} {name} in {names:?}");
        hex(&found[0].span.span_id)
    }

    fn below(&self, parent: &str) -> Vec<&Exported> {
        self.0.iter().filter(|each| hex(&each.span.parent_span_id) == parent).collect()
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn bytes(hex: &str) -> Vec<u8> {
    (0..hex.len()).step_by(2).map(|at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap()).collect()
}
