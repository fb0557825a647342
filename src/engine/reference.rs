//! The reference of articles for pages: it is the workflows' knowledge, and pages reach the workflows only by the engine.

pub use crate::workflow::reference::{Known, Offer, all, offers};
