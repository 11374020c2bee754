//! Sixteen-bit floats → f32, exactly. Whole rows of embeddings are widened for every token.

/// Widens `halves`, little-endian, into `out`, as many as there are of both.
pub fn widen(halves: &[[u8; 2]], out: &mut [f32]) {
    let n = halves.len().min(out.len());
    let (halves, out) = (&halves[..n], &mut out[..n]);
    #[cfg(target_arch = "x86_64")]
    if is_x86_feature_detected!("f16c") {
        // SAFETY: the CPU has just said that it has it, and AVX with it.
        return unsafe { by_f16c(halves, out) };
    }
    one_by_one(halves, out);
}

fn one_by_one(halves: &[[u8; 2]], out: &mut [f32]) {
    for (x, half) in out.iter_mut().zip(halves) {
        *x = one(u16::from_le_bytes(*half));
    }
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx,f16c")]
fn by_f16c(halves: &[[u8; 2]], out: &mut [f32]) {
    use std::arch::x86_64::*;
    let (eights, rest) = halves.as_chunks::<8>();
    let (to, to_rest) = out.as_chunks_mut::<8>();
    for (to, eight) in to.iter_mut().zip(eights) {
        // SAFETY: both are eight of theirs, and unaligned accesses.
        unsafe { _mm256_storeu_ps(to.as_mut_ptr(), _mm256_cvtph_ps(_mm_loadu_si128(eight.as_ptr().cast()))) };
    }
    one_by_one(rest, to_rest);
}

/// Without branches, so that compilers can do several at once.
#[inline(always)]
fn one(half: u16) -> f32 {
    const REBIAS: u32 = 127 - 15;
    let magnitude = u32::from(half & 0x7fff) << 13;
    let normal = magnitude.wrapping_add(REBIAS << 23);
    let infinite = normal.wrapping_add(REBIAS << 23);
    // Below the normal numbers: counted in the smallest of them, one exponent up, which the subtraction takes off.
    let smallest = f32::from_bits((REBIAS + 1) << 23);
    let small = (f32::from_bits(magnitude.wrapping_add((REBIAS + 1) << 23)) - smallest).to_bits();
    let bits = match magnitude {
        0..0x0080_0000 => small,
        0x0080_0000..0x0f80_0000 => normal,
        _ => infinite,
    };
    f32::from_bits(bits | u32::from(half & 0x8000) << 16)
}

#[cfg(test)]
mod tests {
    use super::{one, widen};

    #[test]
    fn every_half_is_widened_exactly() {
        let halves: Vec<[u8; 2]> = (0..=u16::MAX).map(u16::to_le_bytes).collect();
        // A length that no register divides.
        let halves = &halves[..halves.len() - 3];
        let mut out = vec![0.0; halves.len()];
        widen(halves, &mut out);
        for (half, got) in halves.iter().zip(out) {
            let half = u16::from_le_bytes(*half);
            let want = half::f16::from_bits(half).to_f32();
            for got in [got, one(half)] {
                assert!(got.to_bits() == want.to_bits() || got.is_nan() && want.is_nan(), "{half:#x}");
            }
        }
    }
}
