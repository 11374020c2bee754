//! The choice of an instruction set: what the CPU has, by name, and the kernels compiled for it.

use super::*;

/// The instruction set that the kernels run on. A value exists only if this CPU has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Isa(Level);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Level {
    #[cfg(target_arch = "x86_64")]
    Avx512Vnni,
    #[cfg(target_arch = "x86_64")]
    Avx512,
    #[cfg(target_arch = "x86_64")]
    AvxVnni,
    #[cfg(target_arch = "x86_64")]
    Avx2,
    #[cfg(target_arch = "aarch64")]
    NeonI8mm,
    #[cfg(target_arch = "aarch64")]
    NeonDotprod,
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
            let avx2 = is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma");
            let avx512 = avx2
                && is_x86_feature_detected!("avx512f")
                && is_x86_feature_detected!("avx512bw")
                && is_x86_feature_detected!("avx512vl");
            let levels = [
                (avx512 && is_x86_feature_detected!("avx512vnni"), Level::Avx512Vnni),
                (avx512, Level::Avx512),
                (avx2 && is_x86_feature_detected!("avxvnni"), Level::AvxVnni),
                (avx2, Level::Avx2),
            ];
            all.extend(levels.into_iter().filter_map(|(has, level)| has.then_some(Isa(level))));
        }
        #[cfg(target_arch = "aarch64")]
        {
            let levels = [
                (std::arch::is_aarch64_feature_detected!("i8mm"), Level::NeonI8mm),
                (std::arch::is_aarch64_feature_detected!("dotprod"), Level::NeonDotprod),
                (true, Level::Neon),
            ];
            all.extend(levels.into_iter().filter_map(|(has, level)| has.then_some(Isa(level))));
        }
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

    /// `avx512vnni`, `avx512`, `avxvnni`, `avx2`, `neon-i8mm`, `neon-dotprod`, `neon` or `portable`.
    pub fn name(self) -> &'static str {
        match self.0 {
            #[cfg(target_arch = "x86_64")]
            Level::Avx512Vnni => "avx512vnni",
            #[cfg(target_arch = "x86_64")]
            Level::Avx512 => "avx512",
            #[cfg(target_arch = "x86_64")]
            Level::AvxVnni => "avxvnni",
            #[cfg(target_arch = "x86_64")]
            Level::Avx2 => "avx2",
            #[cfg(target_arch = "aarch64")]
            Level::NeonI8mm => "neon-i8mm",
            #[cfg(target_arch = "aarch64")]
            Level::NeonDotprod => "neon-dotprod",
            #[cfg(target_arch = "aarch64")]
            Level::Neon => "neon",
            Level::Portable => "portable",
        }
    }
}

/// Defines methods of [`Isa`] that run a generic kernel compiled for that instruction set: `floats` are generic
/// over the lanes, `ints` over the lanes and the dot product.
macro_rules! kernels {
    (
        floats { $($(#[$fdoc:meta])* $fname:ident = $fkernel:ident, ($($farg:ident: $ftype:ty),*);)* }
        ints { $($(#[$idoc:meta])* $iname:ident = $ikernel:ident, ($($iarg:ident: $itype:ty),*);)* }
    ) => {
        impl Isa {
            $($(#[$fdoc])*
            pub fn $fname(self, $($farg: $ftype),*) {
                use $fkernel::run;
                #[cfg(target_arch = "x86_64")]
                #[target_feature(enable = "avx512f,avx512bw,avx512vl,avx2,fma")]
                fn avx512($($farg: $ftype),*) { run::<x86::Avx512>($($farg),*) }
                #[cfg(target_arch = "x86_64")]
                #[target_feature(enable = "avx2,fma")]
                fn avx2($($farg: $ftype),*) { run::<x86::Avx2>($($farg),*) }
                match self.0 {
                    // SAFETY: an `Isa` of this level exists only after the CPU said that it has the features.
                    #[cfg(target_arch = "x86_64")]
                    Level::Avx512Vnni | Level::Avx512 => unsafe { avx512($($farg),*) },
                    // SAFETY: as above.
                    #[cfg(target_arch = "x86_64")]
                    Level::AvxVnni | Level::Avx2 => unsafe { avx2($($farg),*) },
                    #[cfg(target_arch = "aarch64")]
                    Level::NeonI8mm | Level::NeonDotprod | Level::Neon => run::<neon::Neon>($($farg),*),
                    Level::Portable => run::<lanes::Portable>($($farg),*),
                }
            })*
            $($(#[$idoc])*
            pub fn $iname(self, $($iarg: $itype),*) {
                use int8::$ikernel::run;
                #[cfg(target_arch = "x86_64")]
                #[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512vnni,avx2,fma")]
                fn avx512vnni($($iarg: $itype),*) { run::<x86::Avx512, int8::Vnni512>($($iarg),*) }
                #[cfg(target_arch = "x86_64")]
                #[target_feature(enable = "avx512f,avx512bw,avx512vl,avx2,fma")]
                fn avx512($($iarg: $itype),*) { run::<x86::Avx512, int8::Magnitudes>($($iarg),*) }
                #[cfg(target_arch = "x86_64")]
                #[target_feature(enable = "avxvnni,avx2,fma")]
                fn avxvnni($($iarg: $itype),*) { run::<x86::Avx2, int8::Vnni256>($($iarg),*) }
                #[cfg(target_arch = "x86_64")]
                #[target_feature(enable = "avx2,fma")]
                fn avx2($($iarg: $itype),*) { run::<x86::Avx2, int8::Magnitudes>($($iarg),*) }
                match self.0 {
                    // SAFETY: an `Isa` of this level exists only after the CPU said that it has the features.
                    #[cfg(target_arch = "x86_64")]
                    Level::Avx512Vnni => unsafe { avx512vnni($($iarg),*) },
                    // SAFETY: as above.
                    #[cfg(target_arch = "x86_64")]
                    Level::Avx512 => unsafe { avx512($($iarg),*) },
                    // SAFETY: as above.
                    #[cfg(target_arch = "x86_64")]
                    Level::AvxVnni => unsafe { avxvnni($($iarg),*) },
                    // SAFETY: as above.
                    #[cfg(target_arch = "x86_64")]
                    Level::Avx2 => unsafe { avx2($($iarg),*) },
                    #[cfg(target_arch = "aarch64")]
                    Level::NeonI8mm => run::<neon::Neon, int8::Smmla>($($iarg),*),
                    #[cfg(target_arch = "aarch64")]
                    Level::NeonDotprod => run::<neon::Neon, int8::Sdot>($($iarg),*),
                    #[cfg(target_arch = "aarch64")]
                    Level::Neon => run::<neon::Neon, int8::Plain>($($iarg),*),
                    Level::Portable => run::<lanes::Portable, int8::Plain>($($iarg),*),
                }
            })*
        }
    };
}

kernels! {
    floats {
        /// `out = epilogue(a × weights + bias)` for `rows` rows of `a`, each `a_stride` lines apart; see [`gemm`].
        gemm = gemm, (a: &[Line], a_stride: usize, rows: usize, weights: &Panels, out: &mut [Line], epilogue: Epilogue);
        /// Normalises every row of `x` in place.
        layer_norm = norm, (x: &mut [Line], norm: &LayerNorm);
        /// Attention of one sequence: `qkv` rows in, context rows out; see [`attention`].
        attention = attention, (qkv: &[Line], shape: AttentionShape, bias: Option<ScoreBias<'_>>, queries: usize, context: &mut [Line], scratch: &mut Vec<Line>);
    }
    ints {
        /// Quantises `rows` rows of `width` lines, `stride` lines apart; see [`int8`].
        quantise = quantise, (x: &[Line], stride: usize, width: usize, rows: usize, codes: &mut Codes);
        /// `out = epilogue(codes × weights + bias)` for every row of `codes`; see [`int8`].
        gemm_int8 = product, (codes: &Codes, weights: &Int8Panels, out: &mut [Line], epilogue: Epilogue);
    }
}
