//! What a model's directory may hold: every way in which its files come, and what is said of those that can't be
//! taken.

mod byte_pairs;
mod config;
mod copy;
mod sentence_pieces;
mod tokenizers;
mod vocab_txt;
mod weights;
