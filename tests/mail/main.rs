//! Mail through a real SMTP server (aiosmtpd, `smtpd.py`): one letter, and the outbox that sends it.

mod letter;
mod outbox;
mod smtp;
