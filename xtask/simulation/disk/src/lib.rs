//! A disk that is full, locked or slow when it is told to be, under databases that know nothing of it.
//!
//! SQLite reaches files through a table of functions, its VFS. [`install`] puts one of our own before that of the machine, for the
//! whole process: it passes everything on, but a database that [`befall`] has named meets what a real one meets. When the disk is
//! full, no byte is written. When it is locked, somebody else writes for longer than anybody waits; the waiting itself takes no
//! time. When it is slow, who wants to write waits until it no longer is.

mod trouble;
mod vfs;

pub use trouble::{Trouble, befall, held_up, trouble};
pub use vfs::install;
