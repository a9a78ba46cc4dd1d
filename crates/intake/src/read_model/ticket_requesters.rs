//! Table `ticket_requesters`: all requesters of tickets whose requester changed.
//!
//! Texts of an earlier requester stay in the ticket, under the same key, so an erasure must find
//! these tickets. Most tickets keep their requester; they have no row here, and `party_tickets` is
//! enough.
use std::collections::{BTreeMap, BTreeSet};

use eventlog::{HandlerError, Recorded};
use prost::Message as _;
use sqlx::PgConnection;
use uuid::Uuid;
use wire::DecodeError;
use wire::intake::v1::{PartyLinked, PartyRole, TicketRegistered};
use wire::scalar::{uuid, uuid_opt};

/// A ticket of a tenant.
type Key = (i32, Uuid);

/// What a batch tells.
#[derive(Default)]
struct Changes {
    /// Since which position a party asks in a ticket.
    asked: BTreeMap<(Key, Uuid), i64>,
    /// Tickets in which another party asks now.
    linked: BTreeSet<Key>,
    /// Tickets that follow another one or were split off it, that one, and since when.
    following: Vec<(Key, Uuid, i64)>,
}

pub(super) async fn apply(tx: &mut PgConnection, events: &[Recorded]) -> Result<(), HandlerError> {
    let mut changes = Changes::default();
    for event in events.iter().filter(|event| event.stream.category == "ticket") {
        changes.note(event)?;
    }
    changes.compare(tx).await?;
    changes.insert(tx).await?;
    changes.inherit(tx).await
}

/// The party that asks from now on; `None` if the party has another part.
pub(super) fn requester(event: &Recorded) -> Result<Option<Uuid>, HandlerError> {
    let message = PartyLinked::decode(event.payload.clone()).map_err(DecodeError::from)?;
    match message.role() {
        PartyRole::Requester => Ok(Some(uuid(&message.party_id, "party_id")?)),
        PartyRole::Unspecified
        | PartyRole::Affected
        | PartyRole::Payer
        | PartyRole::Representative
        | PartyRole::Cc => Ok(None),
    }
}

impl Changes {
    fn note(&mut self, event: &Recorded) -> Result<(), HandlerError> {
        let key = (event.tenant.0, event.stream.id);
        let position = i64::try_from(event.position).unwrap_or(i64::MAX);
        match event.event_type.as_str() {
            wire::event::TICKET_REGISTERED => {
                let message = TicketRegistered::decode(event.payload.clone());
                let message = message.map_err(DecodeError::from)?;
                let party = uuid_opt(&message.requester_party_id, "requester_party_id")?;
                self.asked.extend(party.map(|party| ((key, party), position)));
                let parent = uuid_opt(&message.parent_ticket_id, "parent_ticket_id")?;
                self.following.extend(parent.map(|parent| (key, parent, position)));
            }
            wire::event::PARTY_LINKED => {
                // Whoever registers it is often recognised, which makes nobody another party.
                if let Some(party) = requester(event)?
                    && !self.asked.contains_key(&(key, party))
                {
                    self.asked.insert((key, party), position);
                    self.linked.insert(key);
                }
            }
            _ => {}
        }
        Ok(())
    }

    /// Adds who asked before, while `party_tickets` knows it, and leaves out the tickets in which
    /// that is who asks still: what is written may not depend on where a batch ends.
    async fn compare(&mut self, tx: &mut PgConnection) -> Result<(), HandlerError> {
        let Self { asked, linked, .. } = self;
        if !linked.is_empty() {
            let (tenants, tickets): (Vec<_>, Vec<_>) = linked.iter().copied().unzip();
            let before: Vec<(i32, Uuid, Uuid, i64)> = sqlx::query_as(
                "select tenant, ticket_id, party_id, position
                   from party_tickets
                  where party_id is not null
                    and (tenant, ticket_id) in (select * from unnest($1::integer[], $2::uuid[]))",
            )
            .bind(tenants)
            .bind(tickets)
            .fetch_all(tx)
            .await?;
            for (tenant, ticket, party, position) in before {
                let key = (tenant, ticket);
                let mut others =
                    asked.keys().filter(|(ticket, other)| *ticket == key && *other != party);
                if others.next().is_none() {
                    linked.remove(&key);
                }
                asked.insert((key, party), position);
            }
        }
        asked.retain(|(ticket, _), _| linked.contains(ticket));
        Ok(())
    }

    async fn insert(&self, tx: &mut PgConnection) -> Result<(), HandlerError> {
        if self.asked.is_empty() {
            return Ok(());
        }
        let keys = || self.asked.keys();
        sqlx::query(
            "insert into ticket_requesters (tenant, ticket_id, party_id, position)
             select * from unnest($1::integer[], $2::uuid[], $3::uuid[], $4::bigint[])
             on conflict do nothing",
        )
        .bind(keys().map(|((tenant, _), _)| *tenant).collect::<Vec<_>>())
        .bind(keys().map(|((_, ticket), _)| *ticket).collect::<Vec<_>>())
        .bind(keys().map(|(_, party)| *party).collect::<Vec<_>>())
        .bind(self.asked.values().copied().collect::<Vec<_>>())
        .execute(tx)
        .await?;
        Ok(())
    }

    /// What was split off may have been written by anybody who ever asked in the other ticket, and
    /// what follows it has its subject.
    async fn inherit(&self, tx: &mut PgConnection) -> Result<(), HandlerError> {
        for ((tenant, child), from, position) in &self.following {
            sqlx::query(
                "insert into ticket_requesters (tenant, ticket_id, party_id, position)
                 select tenant, $2, party_id, $4
                   from ticket_requesters where tenant = $1 and ticket_id = $3
                 on conflict do nothing",
            )
            .bind(tenant)
            .bind(child)
            .bind(from)
            .bind(position)
            .execute(&mut *tx)
            .await?;
        }
        Ok(())
    }
}
