//! Entities in a text: where they are, and which mentions belong together.
//!
//! [`find()`] searches the entities that a document names without saying where they stand;
//! [`link()`] joins the mentions that a tagger found into entities. Neither of them guesses: what
//! could be several entities is given as such.

mod acronyms;
mod addresses;
mod around;
mod clusters;
mod compared;
mod doubt;
mod edges;
mod find;
mod full_name;
mod group;
mod ids;
mod introductions;
mod kind;
mod legal;
mod link;
mod names;
mod namesakes;
mod patterns;
mod person;
mod search;
mod trades;

pub(crate) use compared::{compared, short_names};
pub(crate) use doubt::is_of_man;
pub use find::{Ambiguous, FindError, FindOptions, Hits, Mention, Searched, Sought, Via, find};
pub(crate) use full_name::FullName;
pub use ids::Ids;
pub use kind::{Kind, may_be_same_type, same_type};
pub(crate) use legal::is_legal_form;
pub use link::{Entity, LinkError, Tagged, link};
pub(crate) use names::is_acronym_like;
pub(crate) use namesakes::FIRMS;
pub(crate) use person::{are_letters, is_particle, is_stopped};
