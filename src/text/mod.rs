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
//! | the mention | the outcome |
//! |---|---|
//! | in range, on boundaries, its text equal | a [`Span`], the only way to have one ([`check`]) |
//! | off in any way | an [`OffsetError`] that shows both sides; never moved, never guessed |
//! | across a sentence break | given before splitting: the break isn't made ([`sentences()`], `protected`), blank lines included. Sentences that were there before: it belongs to the sentence where it begins and is marked [`Placed::crosses`] |
//! | nested in another, or overlapping it | given: both stay, each with its own entity. Searched: the leftmost, then the longest wins, and what was given wins over both ([`find`]) |
//! | duplicated | within one entity it counts once; two entities may claim the same place if both were given so, and both keep it ([`place`]) |
//! | in the title | offsets are those of `text`, so a given mention is never in the title. The title is searched too; its mentions are reported apart, are in no sentence, and introduce names, so that `Kovac` is known in the text after `Anna Kovac` in the title |
//! | naming several entities | in [`Hits::ambiguous`] with all its candidates, and in no entity's mentions |

pub mod entities;
pub mod offsets;
pub mod sentences;

pub use entities::{
    Ambiguous, Entity, FindError, FindOptions, Found, Hits, Mention, Placed, Searched, Sought, Tagged, Via,
    find, link, place,
};
pub use offsets::{Claim, OffsetError, OffsetUnit, Span, check, to_units};
pub use sentences::{Language, sentences};
