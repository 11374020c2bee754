//! Text: offsets, sentences and entity mentions, as pure functions of the document.
//!
//! Everything here takes the unmodified text and answers in byte ranges of it: nothing is
//! normalised in place, nothing is fetched, nothing is remembered between calls, so the same
//! document always gives the same ranges. Offsets in another unit exist only at the edge, in
//! [`offsets`]; [`mod@sentences`] cuts; [`entities`] says where entities stand and which
//! mentions belong together.
//!
//! # What becomes of a mention
//!
//! - **In range, on boundaries, its text equal**: it is a byte range, which [`check`] gives.
//! - **Off in any way**: an [`OffsetError`] that shows both sides. Never moved, never guessed.
//! - **Across a sentence break**: given before splitting, the break isn't made, not even at a
//!   blank line ([`sentences()`], `protected`). Where the sentences were there first, it belongs
//!   to the one in which it begins ([`sentence_of`]).
//! - **Nested in another, or overlapping it**: if given, both stay, each with its entity. If
//!   searched, the leftmost and then the longest counts, and what was given counts before it
//!   ([`find`]).
//! - **Duplicated**: in one entity it counts once. Two entities that were given the same place
//!   both keep it.
//! - **In the title**: offsets are those of the text, so a mention never is. The title introduces
//!   names: after `Anna Kovac` in the title, `Kovac` is known in the text ([`find`]).
//! - **Of several entities at once**: in [`Hits::ambiguous`] with all that it could name, and in
//!   the mentions of none ([`find`]); an entity of its own that says what it could be ([`link`]).

mod characters;
pub mod entities;
pub mod offsets;
mod ranges;
mod reach;
pub mod sentences;
mod tables;

pub(crate) use characters::{HYPHENS, first_char, is_hangul, is_invisible, is_unspaced};
pub use entities::{
    Ambiguous, Entity, FindError, FindOptions, Hits, Ids, Kind, LinkError, Mention, Searched, Sought, Tagged,
    Via, find, link, may_be_same_type, same_type,
};
pub(crate) use entities::{
    FIRMS, FullName, are_letters, compared, is_acronym_like, is_legal_form, is_of_man, is_particle,
    is_stopped, short_names,
};
pub use offsets::{Claim, OffsetError, OffsetUnit, Wrong, check, to_units};
pub(crate) use ranges::{merged, overlap};
pub use sentences::{Language, sentence_of, sentences};
pub(crate) use tables::words;
