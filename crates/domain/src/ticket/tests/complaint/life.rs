//! The life of a ticket with a complaint, one behaviour per test.
use super::*;
use crate::complaint::Command::{Decide, DeemAccepted, FileAppeal, Open, Reclassify, RequestInfo};
use crate::complaint::{AnswerDue, Rejection as Rule, Stage as Progress};
use crate::money::Money;

fn ticket() -> Given<Ticket> {
    given::<Ticket>([]).and(Command::Register(register()))
}

/// Somebody works on the complaint.
fn worked() -> Given<Ticket> {
    ticket().and(complain(Open(opening()))).and(start_work())
}

fn decided() -> Given<Ticket> {
    worked().and(complain(Decide(Box::new(super::decide()))))
}

/// Delivered, and repaired.
fn done() -> Given<Ticket> {
    decided().and(complain(evidence())).and(complain(executed()))
}

fn names(events: &[Event]) -> Vec<String> {
    let word = |text: String| text.chars().take_while(char::is_ascii_alphanumeric).collect();
    events
        .iter()
        .map(|event| match event {
            Event::Complaint(told) => format!("complaint {}", word(format!("{told:?}"))),
            other => word(format!("{other:?}")),
        })
        .collect()
}

fn progress(ticket: Given<Ticket>) -> Option<Progress> {
    let state = ticket.into_state();
    state.facts().and_then(|facts| facts.complaint.as_ref()).map(|complaint| complaint.stage())
}

#[test]
fn a_ticket_becomes_a_complaint() {
    let events = ticket().when(complain(Open(opening()))).into_events();
    assert_eq!(names(&events), ["complaint Opened", "Classified"]);
    let Event::Classified(classified) = &events[1] else { panic!("{events:?}") };
    assert_eq!(classified.kind, TicketType::Complaint);
    assert_eq!(progress(ticket().and(complain(Open(opening())))), Some(Progress::Received));
    assert_eq!(progress(worked()), Some(Progress::Assessed));
    // Whoever works on the ticket has looked at it.
    let open = ticket().and(start_work()).and(complain(Open(opening())));
    assert_eq!(progress(open), Some(Progress::Assessed));
}

#[test]
fn a_ticket_of_that_type_is_a_complaint_from_the_beginning() {
    let events = given::<Ticket>([]).when(register_complaint()).into_events();
    assert_eq!(names(&events), ["Registered", "PriorityChanged", "complaint Opened"]);
    let Event::Complaint(complaint::Event::Opened(opened)) = &events[2] else {
        panic!("{events:?}")
    };
    assert_eq!(opened.received_at, registered().received_at);
    let registered = || given::<Ticket>([]).and(register_complaint());
    assert_eq!(progress(registered()), Some(Progress::Received));
    let again = registered().when(complain(Open(opening())));
    again.then_rejected(Rejection::Complaint(Rule::AlreadyOpened));
    // The rules of an opening hold, and no other type brings one.
    let Command::Register(register) = register_complaint() else { unreachable!() };
    let without_law = complaint::Open { regimes: Vec::new(), ..opening() };
    let lawless = Register { complaint: Some(Box::new(without_law)), ..register.clone() };
    let outcome = given::<Ticket>([]).when(Command::Register(lawless));
    outcome.then_rejected(Rejection::Complaint(Rule::RegimeMissing));
    let inquiry = Register { complaint: register.complaint, ..super::register() };
    let outcome = given::<Ticket>([]).when(Command::Register(inquiry));
    outcome.then_rejected(Rejection::ComplaintByClassification);
}

#[test]
fn a_ticket_of_that_type_is_never_resolved_past_its_complaint() {
    let undecided = || Rejection::Complaint(Rule::NotDecided);
    // Under no law: nobody has decided it all the same.
    let lawless = || given::<Ticket>([]).and(of_type(TicketType::Complaint)).and(start_work());
    lawless().when(resolve()).then_rejected(undecided());
    given::<Ticket>([])
        .and(register_complaint())
        .and(start_work())
        .when(resolve())
        .then_rejected(undecided());
    // It is opened late, or turned into an inquiry.
    lawless().and(complain(Open(opening()))).when(resolve()).then_rejected(undecided());
    let events = lawless().when(complain(Reclassify(no_complaint()))).into_events();
    assert_eq!(names(&events), ["MessageAdded", "complaint Reclassified", "Classified"]);
    let inquiry = lawless().and(complain(Reclassify(no_complaint())));
    assert_eq!(names(&inquiry.when(resolve()).into_events()), ["Resolved"]);
    let other_law = lawless().when(complain(Reclassify(other_law())));
    other_law.then_rejected(Rejection::Complaint(Rule::NoComplaint));
}

#[test]
fn what_another_system_resolved_is_resolved_there() {
    let registered = Registered {
        kind: TicketType::Complaint,
        origin: Origin::Import,
        requester: None,
        ..registered()
    };
    let history = Command::Register(Register { registered, ..register() });
    let history = || given::<Ticket>([]).and(history.clone()).and(start_work());
    assert_eq!(names(&history().when(take_over_solution()).into_events()), ["Resolved"]);
    // Here it is decided like any other.
    history().when(resolve()).then_rejected(Rejection::Complaint(Rule::NotDecided));
    let opened = history().and(complain(Open(opening())));
    opened.when(take_over_solution()).then_rejected(Rejection::Complaint(Rule::NotDecided));
    worked().when(take_over_solution()).then_rejected(Rejection::NotImported);
}

#[test]
fn what_is_claimed_may_be_said_anew() {
    let events = worked().when(complain(state_claims())).into_events();
    assert_eq!(names(&events), ["complaint ClaimsStated"]);
    let restated = worked().and(complain(state_claims())).into_state();
    let complaint = restated.facts().unwrap().complaint.as_ref().unwrap();
    assert_eq!(complaint.opened.claims[0].claim_id, ClaimId(id(102)));
}

#[test]
fn a_complaint_is_never_of_the_lowest_priority() {
    let low = Register { impact: Impact(Level::Low), urgency: Urgency(Level::Low), ..register() };
    let low = || given::<Ticket>([]).and(Command::Register(low.clone()));
    let events = low().when(complain(Open(opening()))).into_events();
    assert_eq!(names(&events), ["PriorityChanged", "complaint Opened", "Classified"]);
    let Event::PriorityChanged(raised) = &events[0] else { panic!("{events:?}") };
    assert_eq!(raised.cause, PriorityCause::StatutoryRisk);
    assert_eq!(progress(low().and(complain(Open(opening())))), Some(Progress::Received));
}

#[test]
fn a_ticket_is_no_complaint_again_only_by_saying_so() {
    let events = worked().when(complain(Reclassify(no_complaint()))).into_events();
    assert_eq!(names(&events), ["MessageAdded", "complaint Reclassified", "Classified"]);
    let inquiry = worked().and(complain(Reclassify(no_complaint()))).into_state();
    let facts = inquiry.facts().unwrap();
    assert_eq!((facts.kind, facts.complaint.as_ref()), (TicketType::Inquiry, None));
}

#[test]
fn what_is_missing_is_waited_for() {
    let events = worked().when(complain(RequestInfo(request()))).into_events();
    assert_eq!(names(&events), ["MessageAdded", "complaint InfoRequested", "Held"]);
    let Event::Held(held) = &events[2] else { panic!("{events:?}") };
    assert_eq!((held.kind, &*held.reason), (HoldKind::Customer, "PHOTO"));
    let asked = || worked().and(complain(RequestInfo(request())));
    let events = asked().when(complain(inform())).into_events();
    assert_eq!(names(&events), ["complaint InfoReceived", "Unheld"]);
    // The customer's message ends the wait; that it was enough is said afterwards.
    let events = asked().and(inbound(7)).when(complain(inform())).into_events();
    assert_eq!(names(&events), ["complaint InfoReceived"]);
    // Asked something else since, the customer has that still to answer.
    let asked_again = asked().and(inbound(7)).and(hold_for_customer());
    let events = asked_again.when(complain(inform())).into_events();
    assert_eq!(names(&events), ["complaint InfoReceived"]);
    asked().when(give_up(HoldId(id(120)))).then_rejected(Rejection::NeedsPerson);
}

#[test]
fn a_complaint_is_resolved_by_its_decision_alone() {
    worked().when(resolve()).then_rejected(Rejection::Complaint(Rule::NotDecided));
    let command = || complain(Decide(Box::new(super::decide())));
    let events = worked().when(command()).into_events();
    assert_eq!(names(&events), ["complaint Decided", "MessageAdded", "Resolved"]);
    let (Event::MessageAdded(letter), Event::Resolved(resolved)) = (&events[1], &events[2]) else {
        panic!("{events:?}")
    };
    assert_eq!(letter.purpose, MessagePurpose::Decision);
    assert_eq!(resolved.resolution_code, "COMPLAINT_ACCEPTED");
    let waiting = worked().and(complain(RequestInfo(request())));
    let events = waiting.when(command()).into_events();
    assert_eq!(names(&events), ["complaint Decided", "MessageAdded", "Unheld", "Resolved"]);
    // Once it is decided, whoever was asked to look again resolves it again.
    decided().and(reopen()).when(resolve()).into_events();
}

#[test]
fn a_decision_rests_on_evidence_and_comes_with_its_letter() {
    let unproved =
        complaint::Decide { evidence_waiver: Personal(String::new()), ..super::decide() };
    let command = || complain(Decide(Box::new(unproved.clone())));
    worked().when(command()).then_rejected(Rejection::Complaint(Rule::EvidenceMissing));
    worked().and(Command::AddEvidence(message(8))).when(command()).into_events();
    let outcome = worked().when(said_with(Decide(Box::new(super::decide())), None));
    outcome.then_rejected(Rejection::Complaint(Rule::MessageMissing));
}

#[test]
fn a_complaint_ends_with_proof_and_nothing_owed() {
    let close = |day| Command::AutoClose { reopen_count: None, law: law(at(day * DAY)) };
    let rejected = |ticket: Given<Ticket>, rule| {
        ticket.when(close(40)).then_rejected(Rejection::Complaint(rule));
    };
    rejected(decided(), Rule::NotEvidenced);
    rejected(decided().and(complain(proved(Evidence::Sent, at(DAY)))), Rule::NotEvidenced);
    rejected(decided().and(complain(evidence())), Rule::RemedyPending);
    let open = Rejection::Complaint(Rule::AppealWindowOpen);
    done().when(close(10)).then_rejected(open);
    done().when(close(40)).then([Event::Closed(Closed::by(CloseReason::Auto))]);
    // Who is content does not appeal.
    let confirm = Command::ConfirmResolution { law: law(at(2 * DAY)) };
    done().when(confirm.clone()).then([Event::Closed(Closed::by(CloseReason::Confirmed))]);
    decided().when(confirm).then_rejected(Rejection::Complaint(Rule::NotEvidenced));
}

#[test]
fn no_letter_arrived_before_its_decision() {
    let early = complain(proved(Evidence::Delivered, at(0)));
    let ticket = decided().and(early).into_state();
    let complaint = ticket.facts().unwrap().complaint.as_ref().unwrap();
    let decided_at = complaint.ruling().unwrap().decided.decided_at;
    assert_eq!(complaint.ruling().unwrap().delivered_at, Some(decided_at));
}

#[test]
fn what_the_customer_does_not_want_is_not_owed() {
    let events = decided().when(complain(waived())).into_events();
    assert_eq!(names(&events), ["MessageAdded", "complaint RemedyWaived"]);
    decided().and(complain(waived())).when(complain(waived())).then_nothing();
    // What was said before is in the thread.
    let said = |message_id| {
        let remedy_id = RemedyId(id(142));
        let command = complaint::Command::WaiveRemedy { remedy_id, message_id };
        said_with(command, None)
    };
    let events = decided().and(inbound(7)).when(said(MessageId(id(7)))).into_events();
    assert_eq!(names(&events), ["complaint RemedyWaived"]);
    let message_id = MessageId(id(6));
    decided().when(said(message_id)).then_rejected(Rejection::MessageUnknown { message_id });
}

#[test]
fn an_appeal_opens_the_ticket_again_even_a_closed_one() {
    let told = ["MessageAdded", "complaint AppealFiled", "Reopened"];
    let closed = || done().and(Command::ConfirmResolution { law: law(at(2 * DAY)) });
    for ticket in [done(), closed()] {
        assert_eq!(names(&ticket.when(complain(FileAppeal(appeal()))).into_events()), told);
    }
    let late = complaint::FileAppeal { received_at: at(40 * DAY), ..appeal() };
    let too_late = Rejection::Complaint(Rule::AppealTooLate);
    closed().when(complain(FileAppeal(late))).then_rejected(too_late);
    let appealed = || done().and(complain(FileAppeal(appeal())));
    appealed().when(resolve()).then_rejected(Rejection::Complaint(Rule::AppealOpen));
    let same = Rejection::Complaint(Rule::SamePersonOnAppeal);
    let by_the_same = complaint::Decide { author: super::decide().author, ..on_appeal() };
    appealed().when(complain(Decide(Box::new(by_the_same)))).then_rejected(same);
    let events = appealed().when(complain(Decide(Box::new(on_appeal())))).into_events();
    assert_eq!(names(&events), ["complaint Decided", "MessageAdded", "Resolved"]);
}

/// A message of the customer that came then.
fn letter(n: u128, written_at: Timestamp) -> Command {
    let message = NewMessage { written_at, ..message(n) };
    Command::AddInboundMessage { message, follow_up: ticket_id(900) }
}

/// The same as done, with a message of the customer from before the decision.
fn ticket_with_photo() -> Given<Ticket> {
    let worked = worked().and(letter(6, at(DAY - 1)));
    let decided = worked.and(complain(Decide(Box::new(super::decide()))));
    decided.and(complain(evidence())).and(complain(executed()))
}

#[test]
fn a_complaint_in_a_later_message_counts_from_that() {
    let asked = || ticket().and(letter(6, at(20 * DAY))).and(send_reply(7));
    let opened = |message_id| Open(complaint::Open { message_id, ..opening() });
    let received_at = |message_id| {
        let events = asked().when(complain(opened(message_id))).into_events();
        let opened = events.into_iter().find_map(|event| match event {
            Event::Complaint(complaint::Event::Opened(opened)) => Some(opened),
            _ => None,
        });
        let opened = opened.unwrap();
        assert_eq!(opened.message_id, message_id);
        opened.received_at
    };
    let of_ticket = registered().received_at;
    assert_eq!(received_at(None), of_ticket);
    assert_eq!(received_at(Some(MessageId(id(6)))), at(20 * DAY));
    let first = MessageId(registered().ticket_id.0);
    assert_eq!(received_at(Some(first)), of_ticket, "the ticket's own text is its first message");
    for message_id in [MessageId(id(7)), MessageId(id(8))] {
        let unknown = Rejection::MessageUnknown { message_id };
        asked().when(complain(opened(Some(message_id)))).then_rejected(unknown);
    }
}

#[test]
fn a_letter_that_reopened_the_ticket_appeals_without_a_second_reopening() {
    let appealing = |message_id| {
        let command = FileAppeal(complaint::FileAppeal { message_id, ..appeal() });
        said_with(command, None)
    };
    let written = || done().and(letter(7, at(2 * DAY)));
    let events = written().when(appealing(MessageId(id(7)))).into_events();
    assert_eq!(names(&events), ["complaint AppealFiled"]);
    let unknown = Rejection::MessageUnknown { message_id: MessageId(id(6)) };
    written().when(appealing(MessageId(id(6)))).then_rejected(unknown);
    // A photo of before, whenever it is said to have come.
    let old = || ticket_with_photo().and(letter(7, at(2 * DAY))).when(appealing(MessageId(id(6))));
    let decided_at = at(DAY);
    old().then_rejected(Rejection::Complaint(Rule::AppealBeforeDecision { decided_at }));
    let rejected = done().and(reject_resolution()).when(complain(FileAppeal(appeal())));
    assert_eq!(names(&rejected.into_events()), ["MessageAdded", "complaint AppealFiled"]);
    // Asked meanwhile, the customer need not answer first.
    let waiting = written().and(hold_for_customer()).when(complain(FileAppeal(appeal())));
    assert_eq!(names(&waiting.into_events()), ["MessageAdded", "complaint AppealFiled", "Unheld"]);
    // What somebody else reopened, or the customer before there was a decision, is not at hand.
    let allowed: &[Stage] = &[Stage::Resolved, Stage::Closed];
    let not_now = Rejection::WrongStage { current: Stage::Open, allowed };
    done().and(reopen()).when(complain(FileAppeal(appeal()))).then_rejected(not_now.clone());
    let before = ticket().and(start_work()).and(resolve()).and(inbound(7));
    let deemed = before.and(complain(Open(opening()))).and(complain(DeemAccepted(deem())));
    deemed.when(complain(FileAppeal(appeal()))).then_rejected(not_now);
}

#[test]
fn what_silence_decided_is_told_by_a_letter_that_a_person_approves() {
    use crate::ids::DecisionId;
    let approve = |n: u128| send_update(n, UpdateKind::Decision);
    let refused = |rule: Rule| Rejection::Complaint(rule);
    ticket().when(approve(8)).then_rejected(refused(Rule::NoComplaint));
    worked().when(approve(8)).then_rejected(refused(Rule::NotDecided));
    decided().when(approve(8)).then_rejected(refused(Rule::NoLetterOwed));
    let deemed = || worked().and(complain(DeemAccepted(deem())));
    deemed().when(approve(8)).then([added(
        8,
        MessageDirection::Outbound,
        MessagePurpose::Decision,
        true,
    )]);
    let told = deemed().and(approve(8));
    told.when(approve(9)).then_rejected(refused(Rule::NoLetterOwed));
    let state = deemed().when(approve(8)).into_state();
    let complaint = state.facts().unwrap().complaint.as_ref().unwrap();
    let ruling = complaint.decision(DecisionId(id(160))).unwrap();
    assert_eq!(ruling.decided.message_id, Some(MessageId(id(8))));
    // The letter of a decision on the appeal is its own.
    let against = complaint::FileAppeal { received_at: at(15 * DAY), ..appeal() };
    let appealed = deemed().and(resolve()).and(complain(FileAppeal(against)));
    let state = appealed.when(complain(Decide(Box::new(on_appeal())))).into_state();
    let complaint = state.facts().unwrap().complaint.as_ref().unwrap();
    let ruling = complaint.decision(DecisionId(id(160))).unwrap();
    assert_eq!(ruling.decided.message_id, None);
}

#[test]
fn silence_decides_and_what_follows_is_worked_on() {
    let events = worked().when(complain(DeemAccepted(deem()))).into_events();
    assert_eq!(names(&events), ["complaint Decided"]);
    let events = decided().when(complain(DeemAccepted(deem()))).into_events();
    assert_eq!(names(&events), ["complaint Decided", "Reopened"]);
    let Event::Reopened(reopened) = &events[1] else { panic!("{events:?}") };
    assert_eq!(reopened.trigger, ReopenTrigger::DecisionUndelivered);
    // What reached the customer in time leaves nothing to silence.
    let told = decided().and(complain(evidence())).when(complain(DeemAccepted(deem())));
    told.then_rejected(Rejection::Complaint(Rule::AlreadyDecided));
    // Nothing is decided for ever: what was granted is still to be carried out.
    worked().and(complain(DeemAccepted(deem()))).when(resolve()).into_events();
}

/// An older complaint of the same party, which is answered by then.
fn answered(code: &str, at: Option<Timestamp>, claims: &[Claim]) -> Other {
    let due = AnswerDue { code: code.to_owned(), at, put_off: false };
    let complaint = OtherComplaint::Undecided { due: vec![due], claims: claims.to_vec() };
    Other { kind: TicketType::Complaint, complaint, ..other(5) }
}

/// Until when the law wants the complaint of `worked` answered.
fn own_due() -> Timestamp {
    let state = worked().into_state();
    let complaint = state.facts().unwrap().complaint.clone().unwrap();
    complaint.answer_due(&regimes()).unwrap()[0].at.unwrap()
}

#[test]
fn a_complaint_is_merged_only_into_one_that_answers_for_it() {
    let (own, due, claims) = ("PL_CONSUMER_GENERAL", own_due(), opening().claims);
    let target = |code| answered(code, Some(due), &claims);
    worked().when(merge(target(own))).into_events();
    let other_law = || worked().when(merge(target("PL_TELECOM")));
    other_law().then_rejected(Rejection::ComplaintUnderOtherLaw);
    let without = Other { complaint: OtherComplaint::Unopened, ..target(own) };
    worked().when(merge(without)).then_rejected(Rejection::ComplaintUnderOtherLaw);
    decided().when(merge(target(own))).then_rejected(Rejection::DecidedComplaint);
    let looked_up =
        Command::Merge { target: target(own), aliases: BTreeMap::new(), regimes: Vec::new() };
    worked().when(looked_up).then_rejected(Rejection::Complaint(Rule::OtherRegimes));
    let undecided = worked().into_state().as_other(&regimes()).unwrap().unwrap();
    assert_eq!(undecided.complaint, target(own).complaint);
    let unopened = ticket().into_state().as_other(&[]).unwrap().unwrap();
    assert_eq!(unopened.complaint, OtherComplaint::Unopened);
}

#[test]
fn a_complaint_is_not_merged_into_one_that_is_answered_later() {
    let own = "PL_CONSUMER_GENERAL";
    let later = || Rejection::TargetIsDueLater { regime: own.to_owned() };
    let into = |at, put_off| {
        let mut target = answered(own, at, &opening().claims);
        let OtherComplaint::Undecided { due, .. } = &mut target.complaint else { unreachable!() };
        due[0].put_off = put_off;
        worked().when(merge(target))
    };
    let due = own_due();
    into(Some(due), false).into_events();
    into(Some(due + jiff::SignedDuration::from_millis(1)), false).then_rejected(later());
    into(Some(due), true).then_rejected(later());
    into(None, false).then_rejected(later());
}

#[test]
fn a_longer_time_or_one_that_is_put_off_is_told_to_who_is_to_be_merged() {
    let mut draft = sample::financial();
    draft.incomplete = Some(Incomplete {
        supplement: Period::CalendarDays(7),
        effect: IncompleteEffect::Restart,
        failure: SupplementFailure::Decided,
    });
    let regimes = vec![Arc::new(sample::regime(draft))];
    let open = complaint::Open { regimes: regimes.clone(), ..opening() };
    let open = || ticket().and(complain(Open(open.clone()))).and(start_work());
    let due = |ticket: Given<Ticket>| {
        let other = ticket.into_state().as_other(&regimes).unwrap().unwrap();
        let OtherComplaint::Undecided { mut due, .. } = other.complaint else { unreachable!() };
        due.remove(0)
    };
    let base = due(open());
    let longer = complaint::Extend { regimes: regimes.clone(), ..extend() };
    let extended = due(open().and(complain(complaint::Command::Extend(longer))));
    assert!(extended.at > base.at, "{extended:?} after {base:?}");
    assert!(!base.put_off && !extended.put_off);
    let asked = complaint::RequestInfo { regimes: regimes.clone(), ..request() };
    assert!(due(open().and(complain(RequestInfo(asked.clone())))).put_off);
    assert!(due(open().and(complain(RequestInfo(asked))).and(complain(inform()))).put_off);
}

#[test]
fn what_only_one_complaint_claims_is_not_lost_in_another() {
    let due = Some(own_due());
    let own = "PL_CONSUMER_GENERAL";
    let claim = |n, demand| Claim { claim_id: ClaimId(id(n)), demand, amount: None };
    let claiming = |claims: &[Claim]| {
        let claims = claims.to_vec();
        worked().and(complain(complaint::Command::StateClaims { claims }))
    };
    let repair = || claim(301, Demand::Repair);
    let into = |claims: &[Claim]| merge(answered(own, due, claims));
    // The ids are each complaint's own.
    let twice = [claim(401, Demand::Refund), claim(402, Demand::Repair)];
    claiming(&[repair()]).when(into(&twice)).into_events();
    let lost = Rejection::ClaimsOfItsOwn;
    claiming(&[claim(301, Demand::Replace)]).when(into(&twice)).then_rejected(lost.clone());
    let two = [repair(), claim(302, Demand::Repair)];
    claiming(&two).when(into(&twice)).then_rejected(lost.clone());
    let much = Claim { amount: Some(Money::zloty(50)), ..claim(301, Demand::Refund) };
    claiming(&[much]).when(into(&twice)).then_rejected(lost);
    // Every decision explains itself.
    claiming(&[claim(301, Demand::Explanation)]).when(into(&twice)).into_events();
}

#[test]
fn what_is_decided_answers_no_complaint_that_joins_it() {
    let target = decided().into_state().as_other(&[]).unwrap().unwrap();
    assert_eq!(target.complaint, OtherComplaint::Decided);
    let target = Other { complaint: target.complaint, kind: TicketType::Complaint, ..other(5) };
    worked().when(merge(target.clone())).then_rejected(Rejection::ComplaintIntoDecided);
    // By type alone it is a complaint, too; under no law, and undecided.
    let by_type = || given::<Ticket>([]).and(of_type(TicketType::Complaint));
    by_type().when(merge(target.clone())).then_rejected(Rejection::ComplaintIntoDecided);
    by_type().when(merge(answered("PL_TELECOM", None, &[]))).into_events();
    // Whatever is no complaint may be about what was decided.
    ticket().when(merge(target)).into_events();
}

#[test]
fn a_complaint_that_is_taken_back_is_confirmed_by_letter() {
    assert_eq!(names(&ticket().when(withdraw()).into_events()), ["MessageAdded", "Closed"]);
    let events = worked().when(withdraw()).into_events();
    assert_eq!(names(&events), ["MessageAdded", "MessageAdded", "Closed"]);
    let Event::MessageAdded(letter) = &events[1] else { panic!("{events:?}") };
    assert_eq!(letter.direction, MessageDirection::Outbound);
}

#[test]
fn a_complaint_is_never_spam_nor_solved_with_an_incident() {
    let complaint = || ticket().and(complain(Open(opening())));
    complaint().when(Command::MarkSpam { now: at(0) }).then_rejected(Rejection::CannotBeSpam);
    complaint().when(cascade(5)).then_rejected(Rejection::NeedsPerson);
    let reclassified = complaint().when(classify(TicketType::Request));
    reclassified.then_rejected(Rejection::ComplaintByClassification);
}
