//! The service level of tickets: agreed hours, the two clocks, and what of them is due when.
//!
//! Everything is computed anew from a ticket's history and the calendar of its branch: nothing of it is stored, so a changed
//! calendar or target is right at once, for old tickets too. Pure: time is an argument. It decides nothing; the engine
//! escalates and pages show.
//!
//! * `hours`: the calendar of a branch: weekly hours, days off, shortened days, working weekends, its time zone.
//! * `production`: a country's calendar as data (`ru.toml`), and what people import.
//! * `agreement`: what people entered, above what the program knows.
//! * `kpi`: figures of a period: availability, restore times, tickets in time.
//! * `clock`: response and restore, with pauses and as the user felt it.
//!
//! To add a country, add a file like `ru.toml`; to add a kind of pause, add a waiting status to `model::TicketStatus`.

mod agreement;
mod clock;
mod hours;
pub mod kpi;
mod production;

pub use agreement::Agreement;
pub use clock::{Clock, Count, Happened, Moment, STEPS, Sla, State, clock};
pub use hours::{Calendar, HoursFault, hours_text, parse_spans};
pub use production::{Production, ProductionFault, statutory};
