//! Every command in every stage of the ticket's life: allowed or refused.
use super::*;

const STANDINGS: [Standing; 6] = [
    Standing::New,
    Standing::Open,
    Standing::WaitingCustomer,
    Standing::WaitingThirdParty,
    Standing::Resolved,
    Standing::Closed,
];

fn commands() -> Vec<(Command, &'static str)> {
    let remedy_id = RemedyId(id(30));
    let waive = Command::WaiveRemedy { remedy_id, message_id: MessageId(id(1)) };
    let inform = Command::RecordInfo { request_id: InfoRequestId(id(60)), complete: true };
    let law = Reclassify {
        regimes: consumer(),
        not_a_complaint: false,
        reason: "Other law".into(),
        approved_by: None,
        message_id: None,
    };
    let extend = Extend {
        new_last_day: date(2026, 6, 12),
        reason: "Why".into(),
        circumstances: "What".into(),
        message_id: MessageId(id(80)),
        regimes: consumer(),
        appeal_regime: None,
        now: at(NOW),
    };
    vec![
        //                                                 N O WC WT R C
        (Command::Open(open()), "+ + + + - -"),
        (Command::Reclassify(law), "+ + + + - -"),
        (Command::StateClaims { claims: claims() }, "+ + + + - -"),
        (Command::RecordItem { delivered_at: at(NOW) }, "+ + + + - -"),
        (Command::RequestInfo(request()), "- + - - - -"),
        (inform, "- + + - - -"),
        (Command::Extend(extend), "+ + + + - -"),
        (deciding(partly()), "- + + + - -"),
        (Command::DeemAccepted(deemed(&consumer()[0])), "+ + + + + -"),
        (Command::DenySilence { instance: Instance::First }, "+ + + + + +"),
        (delivered(20, NOW), "+ + + + + +"),
        (executed(30), "+ + + + + +"),
        (waive, "+ + + + + +"),
        (Command::FileAppeal(appeal(NOW)), "- - - - + +"),
    ]
}

#[test]
fn each_command_is_looked_at_in_its_stages_and_refused_in_the_others() {
    for (command, row) in commands() {
        for (standing, mark) in STANDINGS.into_iter().zip(row.split(' ')) {
            let outcome = decide(&ticket(standing), Some(&opened()), &command);
            let refused = matches!(outcome, Err(Rejection::WrongStanding { .. }));
            assert_eq!(refused, mark == "-", "{command:?} while {standing:?}: {outcome:?}");
        }
    }
}

#[test]
fn an_appeal_is_looked_at_too_where_the_customer_has_reopened_the_ticket() {
    let appeal = Command::FileAppeal(appeal(NOW));
    for standing in STANDINGS {
        let outcome = decide(&reopened(standing), Some(&opened()), &appeal);
        let refused = matches!(outcome, Err(Rejection::WrongStanding { .. }));
        assert_eq!(refused, standing == Standing::New, "{standing:?}: {outcome:?}");
    }
}

#[test]
fn without_a_complaint_it_is_opened_or_dismissed() {
    let none = Reclassify {
        regimes: Vec::new(),
        not_a_complaint: true,
        reason: "A question".into(),
        approved_by: Some(agent("lead")),
        message_id: Some(MessageId(id(70))),
    };
    for (command, _) in commands().into_iter().chain([(Command::Reclassify(none.clone()), "")]) {
        for standing in STANDINGS {
            let outcome = decide(&ticket(standing), None, &command);
            match (&command, outcome) {
                (Command::Open(_), Ok(_)) => {}
                (Command::Reclassify(change), Ok(_)) if change.not_a_complaint => {}
                (_, Err(Rejection::NoComplaint | Rejection::WrongStanding { .. })) => {}
                (_, outcome) => panic!("{command:?} while {standing:?}: {outcome:?}"),
            }
        }
    }
    // What is none by type either is not dismissed.
    let inquiry = Ticket { is_complaint: false, ..ticket(Standing::New) };
    let outcome = decide(&inquiry, None, &Command::Reclassify(none));
    assert_eq!(outcome, Err(Rejection::NoComplaint));
}
