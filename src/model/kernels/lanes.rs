//! Sixteen lanes of f32, whatever the registers are, and the functions that encoders need of them.
//!
//! An implementation must round every operation once, as IEEE 754 says: then all of them give the same bits.

use super::{LANES, Line, int8::Ints};

/// Sixteen f32 that live in registers. An implementor's methods may use instructions that only the callers
/// compiled for its instruction set may run: name one only in `kernels!`.
pub trait Lanes: Copy {
    /// Rows of a [`gemm`](super::gemm) tile, and lines of its width: what the register file holds.
    const TILE: (usize, usize);
    /// Queries that share a pass over the keys in attention: 4 or 8.
    const QUERIES: usize;
    /// Blocks of sixteen keys that share a pass over the queries: 1 or up to 3.
    const BLOCKS: usize;

    fn splat(x: f32) -> Self;
    fn load(from: &Line) -> Self;
    fn store(self, to: &mut Line);
    fn add(self, o: Self) -> Self;
    fn sub(self, o: Self) -> Self;
    fn mul(self, o: Self) -> Self;
    fn div(self, o: Self) -> Self;
    /// The smaller of each; where `o` is no number, neither is this.
    fn min(self, o: Self) -> Self;
    /// The greater of each; where `o` is no number, neither is this.
    fn max(self, o: Self) -> Self;
    /// `self * a + b`, rounded once.
    fn fma(self, a: Self, b: Self) -> Self;
    /// To the nearest integer, ties to even.
    fn round(self) -> Self;
    /// `2^self` for integers within the exponents of normal numbers.
    fn exp2i(self) -> Self;
    /// Lanes that are integers within i32, as such.
    fn ints(self) -> Ints;
    /// The nearest f32 of each.
    fn from_ints(from: &Ints) -> Self;

    /// The magnitude.
    #[inline(always)]
    fn abs(self) -> Self {
        self.max(Self::splat(0.0).sub(self))
    }

    /// The sum of the lanes, always by the same tree.
    #[inline(always)]
    fn sum(self) -> f32 {
        reduce(self, |a, b| a + b)
    }

    /// The greatest lane.
    #[inline(always)]
    fn greatest(self) -> f32 {
        reduce(self, |a, b| if a > b { a } else { b })
    }

    /// Not below `least` nor above `most`; what is no number stays none, so that it shows in what comes out.
    #[inline(always)]
    fn clamp(self, least: f32, most: f32) -> Self {
        Self::splat(most).min(Self::splat(least).max(self))
    }

    /// `e^self`, within 2 ulp; arguments below -87 count as -87. The polynomial is Cephes' `expf`.
    #[inline(always)]
    fn exp(self) -> Self {
        let x = self.clamp(-87.0, 88.0);
        let n = x.mul(Self::splat(std::f32::consts::LOG2_E)).round();
        let r = n.fma(Self::splat(-0.693_359_4), x);
        let r = n.fma(Self::splat(2.121_944_4e-4), r);
        let p = polynomial(
            r,
            &[1.987_569_1e-4, 1.398_199_9e-3, 8.333_452e-3, 4.166_579_6e-2, 1.666_666_5e-1, 0.5],
        );
        let e = r.mul(r).fma(p, r).add(Self::splat(1.0));
        e.mul(n.exp2i())
    }

    /// The error function, within 4e-7: the rational minimax approximation on [-4, 4] that Eigen uses.
    #[inline(always)]
    fn erf(self) -> Self {
        let x = self.clamp(-4.0, 4.0);
        let x2 = x.mul(x);
        let p = polynomial(
            x2,
            &[
                -2.726_142_3e-10,
                2.770_681_4e-8,
                -2.101_024e-6,
                -5.692_506_4e-5,
                -7.349_906_4e-4,
                -2.954_6e-3,
                -1.609_603_3e-2,
            ],
        );
        let q = polynomial(
            x2,
            &[-1.456_607_15e-5, -2.133_740_5e-4, -1.682_827e-3, -7.373_329_4e-3, -1.426_473_9e-2],
        );
        x.mul(p).div(q)
    }

    /// The hyperbolic tangent, within 2e-7.
    #[inline(always)]
    fn tanh(self) -> Self {
        // 1 - 2 / (e^2x + 1): exact at both ends, and needs no polynomial of its own.
        let x = self.clamp(-15.0, 15.0);
        let e = x.add(x).exp();
        Self::splat(1.0).sub(Self::splat(2.0).div(e.add(Self::splat(1.0))))
    }
}

/// Horner's rule, the highest power's coefficient first.
#[inline(always)]
fn polynomial<L: Lanes>(x: L, coefficients: &[f32]) -> L {
    let mut p = L::splat(coefficients[0]);
    for &c in &coefficients[1..] {
        p = p.fma(x, L::splat(c));
    }
    p
}

#[inline(always)]
fn reduce<L: Lanes>(x: L, op: impl Fn(f32, f32) -> f32) -> f32 {
    let mut line = Line::default();
    x.store(&mut line);
    let mut v = line.0;
    let mut half = LANES / 2;
    while half > 0 {
        for i in 0..half {
            v[i] = op(v[i], v[i + half]);
        }
        half /= 2;
    }
    v[0]
}

/// Plain Rust: the reference that the others must equal, and what runs on a CPU that none of them fits.
#[derive(Clone, Copy)]
pub struct Portable([f32; LANES]);

impl Portable {
    #[inline(always)]
    fn zip(self, o: Self, op: impl Fn(f32, f32) -> f32) -> Self {
        Portable(std::array::from_fn(|i| op(self.0[i], o.0[i])))
    }
}

impl Lanes for Portable {
    const TILE: (usize, usize) = (4, 1);
    const QUERIES: usize = 4;
    const BLOCKS: usize = 1;

    fn splat(x: f32) -> Self {
        Portable([x; LANES])
    }
    fn load(from: &Line) -> Self {
        Portable(from.0)
    }
    fn store(self, to: &mut Line) {
        to.0 = self.0;
    }
    fn add(self, o: Self) -> Self {
        self.zip(o, |a, b| a + b)
    }
    fn sub(self, o: Self) -> Self {
        self.zip(o, |a, b| a - b)
    }
    fn mul(self, o: Self) -> Self {
        self.zip(o, |a, b| a * b)
    }
    fn div(self, o: Self) -> Self {
        self.zip(o, |a, b| a / b)
    }
    fn min(self, o: Self) -> Self {
        self.zip(o, |a, b| if a < b { a } else { b })
    }
    fn max(self, o: Self) -> Self {
        self.zip(o, |a, b| if a > b { a } else { b })
    }
    fn fma(self, a: Self, b: Self) -> Self {
        Portable(std::array::from_fn(|i| self.0[i].mul_add(a.0[i], b.0[i])))
    }
    fn round(self) -> Self {
        Portable(self.0.map(f32::round_ties_even))
    }
    fn exp2i(self) -> Self {
        Portable(self.0.map(|n| f32::from_bits(((n as i32 + 127) << 23) as u32)))
    }
    fn ints(self) -> Ints {
        Ints(self.0.map(|x| x as i32))
    }
    fn from_ints(from: &Ints) -> Self {
        Portable(from.0.map(|n| n as f32))
    }
}
