//! The arithmetic of the encoder, written once over sixteen lanes and compiled for each instruction set.
//!
//! Every kernel fixes the order of its floating-point operations: a product is one chain of fused
//! multiply-adds over k, a reduction is a tree over sixteen lanes, whatever the register width is. So a row's
//! result is the same bits alone or in any batch, on any thread, and on AVX-512, AVX2, NEON or none of them.
//!
//! This is the only place with `unsafe` arithmetic: raw loads in the hot loops, and calls into code compiled
//! for an instruction set that [`Isa`] has asked the CPU for.

mod activation;
mod attention;
mod gemm;
mod lanes;
mod norm;

#[cfg(target_arch = "aarch64")]
mod neon;
#[cfg(target_arch = "x86_64")]
mod x86;

pub use activation::Activation;
pub use attention::AttentionShape;
pub use gemm::{Epilogue, Panels};
pub use norm::LayerNorm;

/// Sixteen lanes, aligned so that one register of any width loads them without crossing a cache line.
#[derive(Clone, Copy, Default, Debug, PartialEq)]
#[repr(C, align(64))]
pub struct Line(pub [f32; LANES]);

/// Lanes of a [`Line`].
pub const LANES: usize = 16;

/// The number of lines that hold `n` floats.
pub const fn lines(n: usize) -> usize {
    n.div_ceil(LANES)
}

/// The lines as one run of floats.
pub fn flat(lines: &[Line]) -> &[f32] {
    // SAFETY: `Line` is `repr(C)` around `[f32; 16]` and its size equals its alignment, so there is no padding.
    unsafe { std::slice::from_raw_parts(lines.as_ptr().cast(), lines.len() * LANES) }
}

/// The lines as one mutable run of floats.
pub fn flat_mut(lines: &mut [Line]) -> &mut [f32] {
    // SAFETY: as in `flat`; the borrow is exclusive.
    unsafe { std::slice::from_raw_parts_mut(lines.as_mut_ptr().cast(), lines.len() * LANES) }
}

/// The instruction set that the kernels run on. A value exists only if this CPU has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Isa(Level);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Level {
    #[cfg(target_arch = "x86_64")]
    Avx512,
    #[cfg(target_arch = "x86_64")]
    Avx2,
    #[cfg(target_arch = "aarch64")]
    Neon,
    Portable,
}

impl Isa {
    /// All that this CPU offers, the fastest first; the portable one is always there.
    pub fn available() -> Vec<Isa> {
        let mut all = Vec::new();
        #[cfg(target_arch = "x86_64")]
        {
            if is_x86_feature_detected!("avx512f") && is_x86_feature_detected!("avx512vl") {
                all.push(Isa(Level::Avx512));
            }
            if is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma") {
                all.push(Isa(Level::Avx2));
            }
        }
        #[cfg(target_arch = "aarch64")]
        all.push(Isa(Level::Neon));
        all.push(Isa(Level::Portable));
        all
    }

    /// The fastest one here.
    pub fn detect() -> Isa {
        Self::available()[0]
    }

    /// The one of that name, or what there is to choose from.
    ///
    /// # Errors
    /// A sentence that lists the names this CPU can run.
    pub fn named(name: &str) -> Result<Isa, String> {
        let all = Self::available();
        all.iter().copied().find(|isa| isa.name() == name).ok_or_else(|| {
            let names: Vec<_> = all.iter().map(|isa| isa.name()).collect();
            format!("`{name}` is no instruction set of this CPU; it has {}", names.join(", "))
        })
    }

    /// `avx512`, `avx2`, `neon` or `portable`.
    pub fn name(self) -> &'static str {
        match self.0 {
            #[cfg(target_arch = "x86_64")]
            Level::Avx512 => "avx512",
            #[cfg(target_arch = "x86_64")]
            Level::Avx2 => "avx2",
            #[cfg(target_arch = "aarch64")]
            Level::Neon => "neon",
            Level::Portable => "portable",
        }
    }
}

/// Defines a method of [`Isa`] that runs a generic kernel compiled for that instruction set.
macro_rules! kernels {
    ($($(#[$doc:meta])* $name:ident = $kernel:ident, ($($arg:ident: $type:ty),*);)*) => {
        impl Isa {
            $($(#[$doc])*
            pub fn $name(self, $($arg: $type),*) {
                #[cfg(target_arch = "x86_64")]
                #[target_feature(enable = "avx512f,avx512vl,avx2,fma")]
                fn avx512($($arg: $type),*) { $kernel::run::<x86::Avx512>($($arg),*) }
                #[cfg(target_arch = "x86_64")]
                #[target_feature(enable = "avx2,fma")]
                fn avx2($($arg: $type),*) { $kernel::run::<x86::Avx2>($($arg),*) }
                match self.0 {
                    // SAFETY: an `Isa` of this level exists only after the CPU said that it has the features.
                    #[cfg(target_arch = "x86_64")]
                    Level::Avx512 => unsafe { avx512($($arg),*) },
                    // SAFETY: as above.
                    #[cfg(target_arch = "x86_64")]
                    Level::Avx2 => unsafe { avx2($($arg),*) },
                    #[cfg(target_arch = "aarch64")]
                    Level::Neon => $kernel::run::<neon::Neon>($($arg),*),
                    Level::Portable => $kernel::run::<lanes::Portable>($($arg),*),
                }
            })*
        }
    };
}

kernels! {
    /// `out = epilogue(a × weights + bias)` for `rows` rows of `a`, each `a_stride` lines apart; see [`gemm`].
    gemm = gemm, (a: &[Line], a_stride: usize, rows: usize, weights: &Panels, out: &mut [Line], epilogue: Epilogue);
    /// Normalises every row of `x` in place.
    layer_norm = norm, (x: &mut [Line], norm: &LayerNorm);
    /// Attention of one sequence: `qkv` rows in, context rows out; see [`attention`].
    attention = attention, (qkv: &[Line], shape: AttentionShape, queries: usize, context: &mut [Line], scratch: &mut Vec<Line>);
}
