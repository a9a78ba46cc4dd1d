//! Who may call what: refused before anything else is looked at.
use chassis::rpc::Role;
use tonic::{Code, Request, Status};
use wire::intake::v1;

use crate::world::{World, info, of};

/// What a call says to whoever may not make it.
struct Refused {
    method: &'static str,
    permission: &'static str,
    status: Status,
}

/// Every call with an empty message, which whoever may make it would have refused by field.
async fn all(world: &World, role: Role) -> Vec<Refused> {
    fn empty<T: Default>(role: Role) -> Request<T> {
        of(role, T::default())
    }
    let mut c = world.client.clone();
    let mut refused = Vec::new();
    let mut note = |method, permission, status: Option<Status>| {
        let status = status.expect("an empty message is never accepted");
        refused.push(Refused { method, permission, status });
    };
    note("SendReply", "ticket.reply", c.send_reply(empty(role)).await.err());
    note("SendUpdate", "ticket.update", c.send_update(empty(role)).await.err());
    note("MakePromise", "ticket.promise", c.make_promise(empty(role)).await.err());
    note("WithdrawTicket", "ticket.withdraw", c.withdraw_ticket(empty(role)).await.err());
    note("MergeTicket", "ticket.merge", c.merge_ticket(empty(role)).await.err());
    note("SplitTicket", "ticket.split", c.split_ticket(empty(role)).await.err());
    note("MarkSpam", "ticket.spam", c.mark_spam(empty(role)).await.err());
    note("UnmarkSpam", "ticket.unspam", c.unmark_spam(empty(role)).await.err());
    note("LinkTicket", "ticket.link", c.link_ticket(empty(role)).await.err());
    note("UnlinkTicket", "ticket.link", c.unlink_ticket(empty(role)).await.err());
    note("LinkParty", "ticket.party", c.link_party(empty(role)).await.err());
    note("ResolveTicket", "ticket.resolve", c.resolve_ticket(empty(role)).await.err());
    note("ConfirmResolution", "ticket.confirm", c.confirm_resolution(empty(role)).await.err());
    note("StartWork", "ticket.work", c.start_work(empty(role)).await.err());
    refused
}

/// The methods that the role is refused, which must be those.
async fn refused(world: &World, role: Role, expected: &[&str]) {
    let mut found = Vec::new();
    for Refused { method, permission, status } in all(world, role).await {
        match status.code() {
            Code::PermissionDenied => {
                assert_eq!(info(&status).reason, "PERMISSION_DENIED");
                assert_eq!(info(&status).metadata["permission"], permission, "{method}");
                found.push(method);
            }
            Code::InvalidArgument => {}
            other => panic!("{method} by {role}: {other:?}"),
        }
    }
    assert_eq!(found, expected, "{role}");
}

#[tokio::test]
async fn every_call_is_for_its_roles() {
    let world = World::new().await;
    let everything: Vec<&str> =
        all(&world, Role::Analyst).await.iter().map(|refused| refused.method).collect();
    for role in [Role::Analyst, Role::Auditor, Role::Admin, Role::SlaManager, Role::ProcessOwner] {
        refused(&world, role, &everything).await;
    }
    for role in [Role::Agent, Role::Expert, Role::Lead] {
        refused(&world, role, &["ConfirmResolution"]).await;
    }
    let for_staff: Vec<&str> = everything
        .iter()
        .copied()
        .filter(|method| !["WithdrawTicket", "ConfirmResolution"].contains(method))
        .collect();
    refused(&world, Role::Customer, &for_staff).await;
    refused(&world, Role::Integrator, &everything).await;
    let system = [
        "SendReply",
        "WithdrawTicket",
        "MergeTicket",
        "SplitTicket",
        "UnmarkSpam",
        "ConfirmResolution",
        "StartWork",
    ];
    refused(&world, Role::System, &system).await;
}

#[tokio::test]
async fn a_customer_rejects_and_an_agent_reopens() {
    let world = World::new().await;
    let mut client = world.client.clone();
    let status = client
        .reopen_ticket(of(Role::Integrator, v1::ReopenTicketRequest::default()))
        .await
        .unwrap_err();
    assert_eq!(info(&status).metadata["permission"], "ticket.reopen");
    let status = client
        .reopen_ticket(of(Role::Customer, v1::ReopenTicketRequest::default()))
        .await
        .unwrap_err();
    assert_eq!(status.code(), Code::InvalidArgument);
}
