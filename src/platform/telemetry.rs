//! The process's log: one subscriber, for people at a terminal and plain where it is piped.
//! Which events are worth a line is the filter's matter; metrics and traces are not here.

use std::io::IsTerminal;

use tracing_subscriber::EnvFilter;
use tracing_subscriber::filter::ParseError;

/// Starts logging to standard error by `filter` (the directives of `tracing_subscriber::EnvFilter`, as in `info,fareway=debug`).
/// A second call changes nothing.
///
/// # Errors
/// The filter cannot be read.
pub fn start(filter: &str) -> Result<(), ParseError> {
    let filter = EnvFilter::builder().parse(filter)?;
    let terminal = std::io::stderr().is_terminal();
    let log = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(terminal);
    let started = if terminal {
        log.compact().with_target(false).try_init()
    } else {
        log.try_init()
    };
    // Somebody else's subscriber stays: only one can be there, and the first is as good.
    drop(started);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn filter_that_cannot_be_read_is_an_error() {
        assert!(start("fareway=loud").is_err());
        assert!(start("warn,fareway=debug").is_ok());
        assert!(start("info").is_ok(), "a second start is harmless");
    }
}
