//! The clocks of a complaint: which regimes demand an answer, when it is due, and what meets them.
//!
//! Every regime has its own clock. All of them run in parallel, from the day that the regime counts
//! from. A clock is paused only by a regime that suspends the time while information is missing.
//! Priorities never change a day.
use jiff::Timestamp;
use jiff::civil::Date;

use super::complaint::Extension;
use super::course::Course;
use super::days::{self, End, New};
use super::decide::collect;
use super::{
    Basis, Clock, ClockClass, ClockKind, ComplaintFact, ComplaintFacts, Event, Observation,
    Outcome, Phase, RegimeVersion, Rejection, RetargetCause, State, Terms, TicketFacts, TimerKind,
    end, evidence, remedy, request, supplement, timer, timing, update,
};
use crate::ids::{HoldId, MessageId};
use crate::regime::{
    self, Counting, Matter, Missing, Occasion, Rank, Regime, ReplyForm, SilenceEffect,
};

pub(super) fn observe(
    state: &State,
    seen: &Observation,
    ticket: &TicketFacts,
    fact: &ComplaintFact,
) -> Result<Vec<Event>, Rejection> {
    let mut course = Course::from(state);
    if let ComplaintFact::Opened { .. } = fact {
        opened(&mut course, seen, ticket, fact)?;
        return Ok(course.events);
    }
    let Some(known) = &state.complaint else {
        return without_complaint(state, seen, ticket, fact);
    };
    match fact {
        ComplaintFact::Opened { .. } => {}
        ComplaintFact::Reclassified { regimes, form } => {
            reclassified(&mut course, seen, ticket, (regimes, *form))?;
        }
        ComplaintFact::ItemDelivered { at } => {
            item_delivered(&mut course, seen, ticket, *at)?;
        }
        ComplaintFact::InfoRequested { request_id, supplement_by } => {
            supplement::asked(&mut course, seen, *request_id)?;
            course.add(timer::await_supplement(state, seen, known, *request_id, *supplement_by)?);
        }
        ComplaintFact::InfoReceived { request_id, complete } => {
            supplement::supplied(&mut course, seen, *request_id, *complete)?;
        }
        ComplaintFact::SupplementEnded { request_id } => {
            supplement::supplied(&mut course, seen, *request_id, false)?;
        }
        ComplaintFact::CloseTried { step, fired_at } => {
            course.add(timer::close_again(state, seen, ticket, *step, *fired_at)?);
        }
        ComplaintFact::Extended { new_last_day, notice_message_id } => {
            extended(&mut course, *new_last_day, *notice_message_id);
        }
        ComplaintFact::MessageTold { message_id, delivered, at } => {
            evidence::told(&mut course, seen, (*message_id, *delivered), *at)?
        }
        ComplaintFact::AckSent => {
            let acks = state.live(ClockKind::StatutoryAck);
            course.add(collect(acks, |c| timing::stop(c, seen.at, seen.event_id, &seen.terms))?);
        }
        ComplaintFact::Decided { decision_id, on_appeal, remedies } => {
            evidence::decided(&mut course, seen, *decision_id, *on_appeal)?;
            course.add(remedy::granted(&course.state, seen, ticket, remedies)?);
        }
        ComplaintFact::Evidenced { decision_id, delivered, at } => {
            evidence::evidenced(&mut course, seen, *decision_id, *delivered, *at)?;
            let objection = timer::follow_solution(&course.state, seen, ticket)?;
            course.add(objection);
        }
        ComplaintFact::AcceptanceWithdrawn { decision_id, remedies } => {
            evidence::withdrawn(&mut course, *decision_id);
            for remedy_id in remedies {
                let cancelled = remedy::waived(&course.state, seen, *remedy_id)?;
                course.add(cancelled);
            }
            let objection = timer::follow_solution(&course.state, seen, ticket)?;
            course.add(objection);
        }
        ComplaintFact::RemedyExecuted { remedy_id, executed_on } => {
            course.add(remedy::executed(state, seen, *remedy_id, *executed_on)?);
        }
        ComplaintFact::RemedyWaived { remedy_id } => {
            course.add(remedy::waived(state, seen, *remedy_id)?);
        }
        ComplaintFact::AppealFiled { appeal_id, received_at } => {
            course.add(remedy::appealed(state, seen, ticket, *appeal_id, *received_at)?);
        }
    }
    Ok(course.events)
}

/// The same events for a data subject's request, which is not a complaint.
fn without_complaint(
    state: &State,
    seen: &Observation,
    ticket: &TicketFacts,
    fact: &ComplaintFact,
) -> Result<Vec<Event>, Rejection> {
    // Its wait is told by its hold.
    if let ComplaintFact::SupplementEnded { request_id } = fact {
        return request::resumed(state, seen, ticket, HoldId(request_id.0));
    }
    // So is the notice that its answer takes longer.
    if let ComplaintFact::MessageTold { message_id, delivered, at } = fact {
        return request::told_longer(state, seen, ticket, (*message_id, *delivered), *at);
    }
    // The ticket is no longer a complaint: such an event has no effect.
    Ok(Vec::new())
}

/// The customer is told of an extension: of the time to decide the appeal if one is open, else of
/// the time to answer.
fn extended(course: &mut Course, new_last_day: Date, notice_message_id: MessageId) {
    let extension = Some(Extension::untold(new_last_day, notice_message_id));
    course.note(course.state.complaint_with(|facts| {
        let place = match facts.has_open_appeal() {
            true => &mut facts.appeal_extension,
            false => &mut facts.extension,
        };
        *place = extension;
    }));
}

/// Clocks for every regime take the place of the clock of the solution.
fn opened(
    course: &mut Course,
    seen: &Observation,
    ticket: &TicketFacts,
    fact: &ComplaintFact,
) -> Result<(), Rejection> {
    let ComplaintFact::Opened { complaint_id, regimes, counting, customer, form, way } = fact
    else {
        return Ok(());
    };
    if course.state.complaint.is_some() {
        return Ok(());
    }
    course.note(Some(ComplaintFacts {
        complaint_id: *complaint_id,
        regimes: regimes.clone(),
        counting: *counting,
        customer: *customer,
        on_paper: way.on_paper(*form),
        way: *way,
        opened_at: seen.at,
        requests: Vec::new(),
        extension: None,
        appeal_extension: None,
        decisions: Vec::new(),
        appeal: None,
        resolved_at: None,
        waits: Vec::new(),
        reprioritised: None,
    }));
    if let Some((_, hold_id)) = update::waiting(&course.state) {
        course.note(course.state.complaint_with(|facts| facts.wait(hold_id, seen.at)));
    }
    demand(course, seen, ticket)?;
    replace_solution(course, seen)
}

/// The thing has come: the laws that count from there have a day now.
fn item_delivered(
    course: &mut Course,
    seen: &Observation,
    ticket: &TicketFacts,
    at: Timestamp,
) -> Result<(), Rejection> {
    course.note(course.state.complaint_with(|facts| {
        facts.counting.item_delivered_at = facts.counting.item_delivered_at.or(Some(at));
    }));
    demand(course, seen, ticket)?;
    replace_solution(course, seen)
}

/// The promise of a solution ends where a day to answer by takes its place.
fn replace_solution(course: &mut Course, seen: &Observation) -> Result<(), Rejection> {
    // Without a day to answer by the promise of a solution is better than none.
    if course.state.clocks.iter().any(|c| c.kind.awaits_decision() && c.is_live()) {
        let solution: Vec<&Clock> = course.state.live(ClockKind::Resolution).collect();
        let replaced = collect(solution, |clock| {
            timing::cancel(clock, seen.at, seen.event_id, true, &seen.terms)
        })?;
        if !replaced.is_empty() {
            course.note(course.state.complaint_with(|facts| facts.opened_at = seen.at));
        }
        course.add(replaced);
    }
    Ok(())
}

/// Other law counts from receipt, too; what no law asks for any more was never owed. An answer of
/// another form may have to leave earlier.
fn reclassified(
    course: &mut Course,
    seen: &Observation,
    ticket: &TicketFacts,
    (regimes, form): (&[RegimeVersion], Option<ReplyForm>),
) -> Result<(), Rejection> {
    let before = course.state.complaint.clone();
    course.note(course.state.complaint_with(|facts| {
        facts.regimes = regimes.to_vec();
        facts.on_paper = form.map_or(facts.on_paper, |form| facts.way.on_paper(form));
    }));
    let wanted: Vec<Basis> = match &course.state.complaint {
        Some(facts) => demanded(facts, &seen.terms)?.into_iter().map(Basis::law).collect(),
        None => Vec::new(),
    };
    let of_law = |clock: &&Clock| {
        let kinds = [ClockKind::StatutoryResponse, ClockKind::InternalResponse];
        clock.is_live()
            && (kinds.contains(&clock.kind) || clock.kind == ClockKind::StatutoryAck)
            && !wanted.contains(&clock.basis)
    };
    let gone: Vec<&Clock> = course.state.clocks.iter().filter(of_law).collect();
    let cancelled =
        collect(gone, |clock| timing::cancel(clock, seen.at, seen.event_id, false, &seen.terms))?;
    course.add(cancelled);
    if course.state.complaint.is_some() {
        demand(course, seen, ticket)?;
        return realign(course, seen.at, &seen.terms, RetargetCause::Regime);
    }
    let supplement = TimerKind::SupplementEnd;
    course.add(timer::cancel(&course.state, seen.at, |timer| timer.kind == supplement));
    if let Some(before) = before {
        course.add(end::solve_after_all(&course.state, seen, ticket, &before)?);
    }
    Ok(())
}

/// The regimes that demand an answer: those of the complaint, and the organisation's own that run
/// beside any other.
fn demanded<'a>(facts: &ComplaintFacts, terms: &'a Terms) -> Result<Vec<&'a Regime>, Rejection> {
    let mut demanded = Vec::new();
    for RegimeVersion { code, version } in &facts.regimes {
        demanded.push(terms.regime(code, *version)?);
    }
    let beside =
        terms.regimes.applying(&matter(Occasion::Complaint, facts), facts.counting.received_at);
    for regime in beside {
        let draft = regime.draft();
        let own = draft.basis == regime::Basis::House && draft.scope.rank == Rank::Parallel;
        if own && demanded.iter().all(|known| known.code() != regime.code()) {
            demanded.push(terms.regime(regime.code(), regime.version())?);
        }
    }
    Ok(demanded)
}

/// The matter as the clocks know it: without sector and subject.
pub(super) fn matter(occasion: Occasion, facts: &ComplaintFacts) -> Matter {
    Matter {
        occasion,
        sector: String::new(),
        subject: String::new(),
        customer: facts.customer,
        country: "PL".to_owned(),
    }
}

/// Starts the clocks that the complaint's regimes ask for and that are not there.
fn demand(course: &mut Course, seen: &Observation, ticket: &TicketFacts) -> Result<(), Rejection> {
    let Some(facts) = course.state.complaint.clone() else { return Ok(()) };
    for regime in demanded(&facts, &seen.terms)? {
        let basis = Basis::law(regime);
        let (kind, class) = response(regime);
        let there = |course: &Course, kind| {
            course.state.clocks.iter().any(|clock| {
                clock.kind == kind
                    && clock.basis == basis
                    && clock.subject_ref == Some(facts.complaint_id.0)
                    && !matches!(clock.phase, Phase::Stopped { outcome: Outcome::Cancelled, .. })
            })
        };
        if !there(course, kind)
            && let Some((from, end)) = answer(regime, &facts)?
        {
            let subject_ref = Some(facts.complaint_id.0);
            let silence = Some(regime.silence(facts.customer));
            let new = New { kind, class, subject_ref, basis: basis.clone(), silence, from };
            course.add([days::start(&course.state, seen, ticket, new, end)]);
        }
        let (kind, class) = (ClockKind::StatutoryAck, class);
        let from = facts.counting.received_at;
        if !there(course, kind)
            && let Some(due) = regime.ack_due(from).map_err(out_of_reach)?
        {
            let subject_ref = Some(facts.complaint_id.0);
            let new = New { kind, class, subject_ref, basis, silence: None, from };
            course.add([days::start(&course.state, seen, ticket, new, due.into())]);
        }
    }
    Ok(())
}

/// Kind and class of the clock that a regime asks for.
pub(super) fn response(regime: &Regime) -> (ClockKind, ClockClass) {
    match regime.draft().basis {
        regime::Basis::Law => (ClockKind::StatutoryResponse, ClockClass::Statutory),
        regime::Basis::Contract => (ClockKind::StatutoryResponse, ClockClass::Sla),
        regime::Basis::House => (ClockKind::InternalResponse, ClockClass::Internal),
    }
}

/// From when and until when an answer is due; none while it counts from something that has
/// not happened.
fn answer(regime: &Regime, facts: &ComplaintFacts) -> Result<Option<(Timestamp, End)>, Rejection> {
    let Ok(from) = regime.start(&facts.counting) else { return Ok(None) };
    match regime.due_after(&facts.counting, facts.dispatch(), &facts.changes(regime)) {
        Ok(due) => Ok(Some((from, due.into()))),
        Err(Missing::Start) => Ok(None),
        Err(Missing::OutOfReach) => Err(Rejection::OutOfReach),
    }
}

fn out_of_reach(_: Missing) -> Rejection {
    Rejection::OutOfReach
}

/// When a clock of the complaint is due by what is known now.
pub(super) fn due_of(
    clock: &Clock,
    state: &State,
    terms: &Terms,
) -> Result<Option<End>, Rejection> {
    let (Some(facts), Some(regime)) = (&state.complaint, terms.regime_of(&clock.basis)?) else {
        return Ok(None);
    };
    match clock.kind {
        ClockKind::AppealResponse => on_appeal(clock, facts, regime).map(Some),
        _ => Ok(answer(regime, facts)?.map(|(_, end)| end)),
    }
}

/// Until when the appeal must be decided: by the regime of the complaint, which has no extension,
/// or by the organisation's own regime of appeals.
fn on_appeal(clock: &Clock, facts: &ComplaintFacts, regime: &Regime) -> Result<End, Rejection> {
    let (received_at, dispatch) = (clock.started_at, facts.dispatch());
    let by_law = regime.appeal_due(received_at, dispatch).map_err(out_of_reach)?;
    let of_complaint = facts.regimes.iter().any(|known| known.code == regime.code());
    if let Some(due) = by_law.filter(|_| of_complaint) {
        return Ok(due.into());
    }
    let counting = Counting::from_receipt(received_at);
    let due = regime.due_after(&counting, dispatch, &facts.changes_on_appeal(regime));
    Ok(due.map_err(out_of_reach)?.into())
}

/// Gives the running clocks the days that what is known now asks for.
pub(super) fn realign(
    course: &mut Course,
    at: Timestamp,
    terms: &Terms,
    cause: RetargetCause,
) -> Result<(), Rejection> {
    let mut moved = Vec::new();
    for clock in course.state.clocks.iter() {
        if clock.kind.awaits_decision()
            && let Some(end) = due_of(clock, &course.state, terms)?
        {
            moved.extend(days::move_to(clock, at, end, cause));
        }
    }
    course.add(moved);
    Ok(())
}

/// What the law reads into silence on an appeal.
pub(super) fn silence_on_appeal(regime: &Regime) -> Option<SilenceEffect> {
    Some(regime.draft().appeal.silence.unwrap_or(SilenceEffect::None))
}
