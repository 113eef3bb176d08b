//! The actor's log.

use crate::abi;

/// How much a line of the log matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u32)]
pub enum Level {
    /// For the author of the actor.
    Debug,
    /// What an operator may like to know.
    Info,
    /// What an operator should look at.
    Warn,
    /// What went wrong.
    Error,
}

/// Writes one line; the macros [`debug!`](crate::debug), [`info!`](crate::info),
/// [`warn!`](crate::warn) and [`error!`](crate::error!) are shorter. Lines are kept even when the
/// turn is thrown away.
pub fn write(level: Level, message: &str) {
    abi::log_write(level as u32, message);
}

/// Writes a line of level debug, formatted as by [`format!`].
#[macro_export]
macro_rules! debug {
    ($($arg:tt)+) => { $crate::log_write($crate::Level::Debug, &::std::format!($($arg)+)) };
}

/// Writes a line of level info, formatted as by [`format!`].
///
/// ```
/// let joined = 3;
/// dormouse::info!("{joined} mice joined");
/// ```
#[macro_export]
macro_rules! info {
    ($($arg:tt)+) => { $crate::log_write($crate::Level::Info, &::std::format!($($arg)+)) };
}

/// Writes a line of level warn, formatted as by [`format!`].
#[macro_export]
macro_rules! warn {
    ($($arg:tt)+) => { $crate::log_write($crate::Level::Warn, &::std::format!($($arg)+)) };
}

/// Writes a line of level error, formatted as by [`format!`].
#[macro_export]
macro_rules! error {
    ($($arg:tt)+) => { $crate::log_write($crate::Level::Error, &::std::format!($($arg)+)) };
}
