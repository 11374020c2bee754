//! In int8: what PyTorch's W8A8 gives where a model was made for it, and near f32 everywhere.

use baton::model::{Precision, kernels::Isa};

use crate::cases::{Case, FIXTURES, Noise, SHIPPED, cases, load, logits, w8a8_noise};

/// Mean and greatest difference. The mean is no number if one of them is none.
fn difference(pairs: impl ExactSizeIterator<Item = (f32, f32)>) -> (f32, f32) {
    let count = pairs.len() as f32;
    let (sum, greatest) = pairs
        .map(|(a, b)| (a - b).abs())
        .fold((0.0, 0.0f32), |(sum, greatest), off| (sum + off, greatest.max(off)));
    (sum / count, greatest)
}

fn all(name: &str, precision: Precision) -> Vec<f32> {
    let sequences = cases(name).iter().map(Case::sequence).collect();
    logits(&load(name, 2, Isa::detect(), precision), sequences).concat()
}

#[test]
fn the_shipped_models_logits_are_near_pytorchs_w8a8() {
    for name in SHIPPED {
        let theirs: Vec<f32> = cases(name).iter().flat_map(Case::logits_w8a8).collect();
        let ours = all(name, Precision::Int8);
        assert_eq!(ours.len(), theirs.len());
        let (mean, greatest) = difference(ours.into_iter().zip(theirs));
        println!("{name}: int8 is {mean} from w8a8 in the mean, {greatest} at most");
        let noise: Noise = w8a8_noise(name);
        assert!(mean <= 2.0 * noise.mean, "{name}: {mean}");
        assert!(greatest <= 2.0 * noise.max, "{name}: {greatest}");
    }
}

/// What int8 costs is known of the shipped models, which were made for it. Of random weights only this can be
/// said: it goes through the same computation, so it is near, far nearer than logits are to one another.
#[test]
fn int8_logits_are_near_those_of_f32_whatever_the_architecture() {
    for name in FIXTURES {
        let (exact, rounded) = (all(name, Precision::F32), all(name, Precision::Int8));
        let mean = exact.iter().sum::<f32>() / exact.len() as f32;
        let (spread, _) = difference(exact.iter().map(|x| (*x, mean)));
        let (off, _) = difference(exact.iter().copied().zip(rounded));
        assert!(0.0 < off && off < 0.15 * spread, "{name}: {off} of {spread}");
    }
}
