//! A sequence's logits are the same bits whatever runs beside it, on how many threads, and on which instruction set.

use baton::model::{Precision, kernels::Isa};

use crate::cases::{Case, FIXTURES, SHIPPED, bits, cases, load, logits, tried};

#[test]
fn every_instruction_set_gives_the_same_bits() {
    for precision in [Precision::F32, Precision::Int8] {
        for name in FIXTURES.into_iter().chain(SHIPPED) {
            let fastest = load(name, 2, Isa::detect(), precision);
            for isa in Isa::available().into_iter().skip(1) {
                let sequences: Vec<_> = tried(name, isa).iter().map(Case::sequence).collect();
                let ours = logits(&fastest, sequences.clone());
                let others = logits(&load(name, 2, isa, precision), sequences);
                for (i, (ours, others)) in ours.iter().zip(&others).enumerate() {
                    let (isa, precision) = (isa.name(), precision.name());
                    assert_eq!(bits(ours), bits(others), "{name}: sequence {i} on {isa} in {precision}");
                }
            }
        }
    }
}

#[test]
fn a_sequence_has_the_same_bits_alone_and_in_any_company() {
    for precision in [Precision::F32, Precision::Int8] {
        for name in FIXTURES.into_iter().chain(SHIPPED) {
            let [one, three] = [1, 3].map(|threads| load(name, threads, Isa::detect(), precision));
            let sequences: Vec<_> = cases(name).iter().map(Case::sequence).collect();
            let alone: Vec<_> = sequences.iter().map(|s| logits(&one, vec![s.clone()]).remove(0)).collect();

            let together = logits(&one, sequences.clone());
            let backwards = logits(&three, sequences.iter().rev().cloned().collect());
            // Each behind another one, none of them the same (which would run once): chunks begin elsewhere.
            let other = |i: usize| {
                let mut other = sequences[3].clone();
                other.ids[1] = 10 + i as u32;
                other
            };
            let crowd: Vec<_> =
                sequences.iter().enumerate().flat_map(|(i, s)| [other(i), s.clone()]).collect();
            let crowd = logits(&three, crowd);
            for (i, alone) in alone.iter().enumerate() {
                let company = [&together[i], &backwards[sequences.len() - 1 - i], &crowd[2 * i + 1]];
                for other in company {
                    assert_eq!(bits(alone), bits(other), "{name}: sequence {i} in {}", precision.name());
                }
            }
        }
    }
}
