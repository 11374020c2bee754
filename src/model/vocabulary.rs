//! BERT's vocabulary as a table: made for being read from JSON quickly and for the longest piece at a place.

use std::{borrow::Cow, fmt};

use serde::{
    Deserialize, Deserializer,
    de::{MapAccess, Visitor},
};

/// What continues a word has this before it in BERT's vocabularies.
pub const CONTINUES: &str = "##";

/// The pieces and their ids.
pub struct Vocabulary {
    /// All pieces, one after the other, without what marks a continuation.
    text: String,
    entries: Vec<Entry>,
    /// Indices of entries, 1 more than they are; 0 is a free slot. A power of two, at most half full.
    slots: Vec<u32>,
}

struct Entry {
    start: u32,
    end: u32,
    id: u32,
    continues: bool,
}

impl Vocabulary {
    /// Pieces that it has.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// A piece, as it is written, whose id is none of so many.
    pub fn beyond(&self, ids: usize) -> Option<(String, u32)> {
        let entry = self.entries.iter().find(|entry| entry.id as usize >= ids)?;
        let piece = &self.text[entry.start as usize..entry.end as usize];
        Some((format!("{}{piece}", if entry.continues { CONTINUES } else { "" }), entry.id))
    }

    /// The id of a piece that begins a word.
    pub fn word(&self, piece: &str) -> Option<u32> {
        let hash = piece.bytes().fold(seed(false), step);
        self.find(hash, piece, false)
    }

    /// The longest piece that `text` begins with, of those that end at one of `ends`: its id, and how many of
    /// `ends` it takes.
    pub fn longest(
        &self,
        text: &str,
        ends: impl Iterator<Item = usize>,
        continues: bool,
    ) -> Option<(u32, usize)> {
        let mut best = None;
        let (mut hash, mut at) = (seed(continues), 0);
        for (i, end) in ends.enumerate() {
            hash = text.as_bytes()[at..end].iter().copied().fold(hash, step);
            at = end;
            if let Some(id) = self.find(hash, &text[..end], continues) {
                best = Some((id, i + 1));
            }
        }
        best
    }

    fn find(&self, hash: u64, piece: &str, continues: bool) -> Option<u32> {
        let mask = self.slots.len() - 1;
        let mut slot = hash as usize & mask;
        while let Some(index) = self.slots[slot].checked_sub(1) {
            let entry = &self.entries[index as usize];
            if entry.continues == continues && &self.text[entry.start as usize..entry.end as usize] == piece {
                return Some(entry.id);
            }
            slot = (slot + 1) & mask;
        }
        None
    }

    fn push(&mut self, token: &str, id: u32) {
        let (piece, continues) = match token.strip_prefix(CONTINUES) {
            Some(piece) => (piece, true),
            None => (token, false),
        };
        let start = self.text.len() as u32;
        self.text.push_str(piece);
        self.entries.push(Entry { start, end: self.text.len() as u32, id, continues });
    }

    /// Fills the slots; of equal pieces the last is found, as in a map.
    fn index(&mut self) {
        let size = (2 * self.entries.len() + 1).next_power_of_two();
        self.slots = vec![0; size];
        for (index, entry) in self.entries.iter().enumerate().rev() {
            let piece = &self.text.as_bytes()[entry.start as usize..entry.end as usize];
            let hash = piece.iter().copied().fold(seed(entry.continues), step);
            let mut slot = hash as usize & (size - 1);
            while self.slots[slot] != 0 {
                slot = (slot + 1) & (size - 1);
            }
            self.slots[slot] = index as u32 + 1;
        }
    }
}

fn seed(continues: bool) -> u64 {
    0xcbf2_9ce4_8422_2325 ^ u64::from(continues)
}

/// A byte more in the hash: FNV-1a with its high bits folded in, since slots are chosen by the low ones.
fn step(hash: u64, byte: u8) -> u64 {
    let mixed = (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
    mixed ^ (mixed >> 32)
}

impl<'de> Deserialize<'de> for Vocabulary {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(Pieces)
    }
}

struct Pieces;

#[derive(Deserialize)]
struct Token<'a>(#[serde(borrow)] Cow<'a, str>);

impl<'de> Visitor<'de> for Pieces {
    type Value = Vocabulary;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a map from tokens to ids")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Vocabulary, A::Error> {
        let mut vocabulary = Vocabulary { text: String::new(), entries: Vec::new(), slots: Vec::new() };
        while let Some((Token(token), id)) = map.next_entry()? {
            vocabulary.push(&token, id);
        }
        vocabulary.index();
        Ok(vocabulary)
    }
}
