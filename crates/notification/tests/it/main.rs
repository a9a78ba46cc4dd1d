//! Notification from outside: events in the log, mails and calls at real sinks.
#![allow(clippy::unwrap_used)]

mod api;
mod complaints;
mod confirmations;
mod deadlines;
mod delivery;
mod escalations;
mod evidence;
mod letters;
mod mail;
mod parties;
mod secured;
mod volume;
mod webhooks;
mod world;
