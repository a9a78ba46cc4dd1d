//! Destroys the keys of what erased parties had. It runs in the transaction of a projection, on whose
//! search path the read models are.
//!
//! Before or after an event is told by positions, not by clocks. What is older by more than a minute
//! is also taken, because a restored log gives a position to another event.
use domain::ids::PartyId;
use eventlog::{Recorded, TenantKey};
use jiff_sqlx::ToSqlx as _;
use sqlx::{PgConnection, PgPool};
use wire::intake::v1::TicketType;

/// Destroys the keys of a party, of those merged into it, of the closed tickets in which they ever
/// asked before it was erased by `event`, and of the contacts that were theirs. Tickets that are
/// still open are noted, to be destroyed when they close. Again, it changes nothing: with what such
/// a ticket goes on was made after the event.
pub(crate) async fn destroy_of_party(tx: &mut PgConnection, event: &Recorded) -> sqlx::Result<u64> {
    let destroyed = sqlx::query(
        "with own as (
            select $2::uuid as party_id
             union
            select party_id from parties where tenant = $1 and lives_as = $2),
         asked as (
            select ticket_id from ticket_requesters
             where tenant = $1 and position < $3 and party_id in (select party_id from own)
             union
            -- Where nobody else ever asked, this table alone says who does.
            select ticket_id from party_tickets t
             where tenant = $1 and position < $3 and party_id in (select party_id from own)
               and not exists (
                   select from ticket_requesters r
                    where (r.tenant, r.ticket_id, r.party_id)
                        = (t.tenant, t.ticket_id, t.party_id))),
         open as (
            insert into erased_when_closed (tenant, ticket_id, position)
            select tenant, ticket_id, $3 from party_tickets
             where tenant = $1 and closed_at is null
               and ticket_id in (select ticket_id from asked)
                on conflict do nothing)
         update keys.subject_key k
            set wrapped = null, destroyed_at = now()
          where k.tenant = $1 and k.wrapped is not null
            and (k.made_after < $3 or k.created_at < $4 - interval '1 minute')
            and k.stream_id in (
                select party_id from own
                 union
                select ticket_id from party_tickets
                 where tenant = $1 and closed_at is not null
                   and ticket_id in (select ticket_id from asked)
                 union
                select contact_id from contacts
                 where tenant = $1 and position < $3 and party_id in (select party_id from own))",
    )
    .bind(event.tenant.0)
    .bind(event.stream.id)
    .bind(position(event))
    .bind(event.recorded_at.to_sqlx())
    .execute(tx)
    .await?;
    Ok(destroyed.rows_affected())
}

/// Destroys the keys of a ticket that was closed by `event`, as an erasure would that came now:
/// what a complaint or another requester's legal hold keeps needs another erasure.
pub(crate) async fn destroy_of_ticket(
    tx: &mut PgConnection,
    event: &Recorded,
) -> sqlx::Result<u64> {
    let destroyed = sqlx::query(
        "update keys.subject_key k
            set wrapped = null, destroyed_at = now()
          where k.tenant = $1 and k.stream_id = $2 and k.wrapped is not null
            and (k.made_after < $3 or k.created_at < $4 - interval '1 minute')
            and not exists (
                select from party_tickets
                 where tenant = $1 and ticket_id = $2 and (complaint or type = $5))
            and not exists (
                select from ticket_requesters r
                  left join parties p on p.tenant = r.tenant and p.party_id = r.party_id
                  join held_parties h on h.tenant = r.tenant
                                     and h.party_id = coalesce(p.lives_as, r.party_id)
                 where r.tenant = $1 and r.ticket_id = $2
                   -- A day ends later in other time zones.
                   and (h.until is null or h.until >= ($4 at time zone 'UTC')::date - 1))",
    )
    .bind(event.tenant.0)
    .bind(event.stream.id)
    .bind(position(event))
    .bind(event.recorded_at.to_sqlx())
    .bind(i32::from(TicketType::Complaint))
    .execute(tx)
    .await?;
    Ok(destroyed.rows_affected())
}

/// How many streams of a party, of those merged into it, of the tickets in which they ever asked
/// and of their contacts have a key that is not destroyed.
pub(crate) async fn sealed_of_party(
    pool: &PgPool,
    tenant: TenantKey,
    party_id: PartyId,
) -> sqlx::Result<i64> {
    sqlx::query_scalar(
        "with own as (
            select $2::uuid as party_id
             union
            select party_id from parties where tenant = $1 and lives_as = $2)
         select count(distinct stream_id) from keys.subject_key
          where tenant = $1 and wrapped is not null
            and stream_id in (
                select party_id from own
                 union
                select ticket_id from ticket_requesters
                 where tenant = $1 and party_id in (select party_id from own)
                 union
                select ticket_id from party_tickets
                 where tenant = $1 and party_id in (select party_id from own)
                 union
                select contact_id from contacts
                 where tenant = $1 and party_id in (select party_id from own))",
    )
    .bind(tenant.0)
    .bind(party_id.0)
    .fetch_one(pool)
    .await
}

fn position(event: &Recorded) -> i64 {
    i64::try_from(event.position).unwrap_or(i64::MAX)
}
