//! The device a command is about: a live one or a recording. Names it only; asking is `inspect_live`'s.

use std::path::{Path, PathBuf};

#[derive(clap::Args)]
#[group(required = true, multiple = false)]
pub struct Subject {
    /// Address or name of a live device.
    #[arg(value_name = "HOST")]
    host: Option<String>,
    /// A recording instead; further contexts lie beside it as FILE@CONTEXT.snmprec.
    #[arg(long, value_name = "FILE.snmprec")]
    walk: Option<PathBuf>,
}

pub enum Of<'a> {
    Host(&'a str),
    Recording(&'a Path),
}

impl Subject {
    pub fn of(&self) -> Of<'_> {
        match &self.walk {
            Some(path) => Of::Recording(path),
            None => Of::Host(self.host.as_deref().unwrap_or_default()),
        }
    }
}
