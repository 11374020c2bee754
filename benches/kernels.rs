//! The kernels alone, at the sizes of MiniLM, beside what the core can do at most.
//!
//! ```text
//! taskset -c 0 cargo bench --bench kernels -- [ROWS]
//! ```
//! Each figure is the best of many runs: on a machine that does other things too, the others say more of those.

use std::time::Instant;

use baton_kernels::{
    Activation, AttentionShape, Codes, Epilogue, Int8Panels, Isa, LANES, LayerNorm, Line, Panels, lines,
};

const RUNS: usize = 60;
/// Tokens of a pair: the mean of pairs.jsonl.
const LENGTH: usize = 38;
const HEADS: usize = 12;
const HEAD: usize = 32;
const HIDDEN: usize = HEADS * HEAD;

fn main() {
    let rows = std::env::args().skip(1).find_map(|argument| argument.parse().ok()).unwrap_or(192);
    #[cfg(target_arch = "x86_64")]
    if is_x86_feature_detected!("avx512vnni") {
        // SAFETY: the CPU has just said that it has these.
        let (int8, f32) = unsafe { (peak::int8(), peak::f32()) };
        println!("peak with 512-bit registers: {int8:.0} GOP/s int8, {f32:.0} GFLOP/s f32");
    }
    for isa in Isa::available().into_iter().filter(|isa| isa.name() != "portable") {
        println!("{}, {rows} rows", isa.name());
        let gelu = Epilogue::Activate(Activation::Gelu);
        for (inputs, columns, epilogue) in [
            (HIDDEN, 3 * HIDDEN, Epilogue::Store),
            (HIDDEN, HIDDEN, Epilogue::Add),
            (HIDDEN, 4 * HIDDEN, gelu),
            (4 * HIDDEN, HIDDEN, Epilogue::Add),
        ] {
            product(isa, rows, inputs, columns, epilogue);
        }
        around(isa, rows);
    }
}

fn product(isa: Isa, rows: usize, inputs: usize, columns: usize, epilogue: Epilogue) {
    let x = numbers(rows * lines(inputs));
    let f32 = Panels::pack(columns, inputs, |j, out| {
        out.iter_mut().enumerate().for_each(|(i, w)| *w = ((i * 7 + j) % 13) as f32 / 13.0);
        0.1
    });
    let int8 = Int8Panels::pack(columns, inputs, |j, out| {
        out.iter_mut().enumerate().for_each(|(i, w)| *w = weight(i, j));
        (0.01, 0.1)
    });
    let (mut codes, mut out) = (Codes::default(), vec![Line::default(); rows * int8.stride()]);
    let quantise = best(|| isa.quantise(&x, lines(inputs), int8.width(), rows, &mut codes));
    let int8 = best(|| isa.gemm_int8(&codes, &int8, &mut out, epilogue));
    let f32 = best(|| isa.gemm(&x, lines(inputs), rows, &f32, &mut out, epilogue));
    let speed = |seconds: f64| 2.0 * (rows * inputs * columns) as f64 / seconds / 1e9;
    println!(
        "  {inputs:4} → {columns:4}: int8 {:5.0} GOP/s, f32 {:4.0} GFLOP/s, quantising {:5.1} µs",
        speed(int8),
        speed(f32),
        quantise * 1e6
    );
}

/// What stands between the products.
fn around(isa: Isa, rows: usize) {
    let norm = LayerNorm::new(&[1.0; HIDDEN], &[0.5; HIDDEN], 1e-12);
    let mut hidden = numbers(rows * norm.stride());
    let layer_norm = best(|| isa.layer_norm(&mut hidden, &norm));
    let (qkv_stride, context_stride) = (3 * lines(HIDDEN), lines(HIDDEN));
    let shape = AttentionShape { tokens: LENGTH, heads: HEADS, head: HEAD, qkv_stride, context_stride };
    let (qkv, mut scratch) = (numbers(rows * qkv_stride), Vec::new());
    let mut context = vec![Line::default(); rows * context_stride];
    let attention = best(|| {
        let sequences = qkv.chunks_exact(LENGTH * qkv_stride);
        for (qkv, context) in sequences.zip(context.chunks_exact_mut(LENGTH * context_stride)) {
            isa.attention(qkv, shape, None, LENGTH, context, &mut scratch);
        }
    });
    println!(
        "  layer norm {:.1} µs, attention of {} sequences of {LENGTH} {:.1} µs",
        layer_norm * 1e6,
        rows / LENGTH,
        attention * 1e6
    );
}

/// As in models: few are large. What a kernel takes may depend on it.
fn weight(i: usize, j: usize) -> i8 {
    let bytes = ((i as u32).wrapping_mul(0x9E37_79B9) ^ (j as u32).wrapping_mul(0x85EB_CA6B))
        .wrapping_mul(0xC2B2_AE35)
        .to_le_bytes();
    (bytes.iter().map(|byte| i32::from(byte / 4)).sum::<i32>() - 126) as i8
}

fn numbers(count: usize) -> Vec<Line> {
    let line = |l: usize| Line(std::array::from_fn(|i| ((l * LANES + i) * 37 % 2001) as f32 / 1000.0 - 1.0));
    (0..count).map(line).collect()
}

fn best(mut run: impl FnMut()) -> f64 {
    run();
    let time = |()| {
        let start = Instant::now();
        run();
        start.elapsed().as_secs_f64()
    };
    std::iter::repeat_n((), RUNS).map(time).fold(f64::MAX, f64::min)
}

/// Chains of the instruction that products are made of, enough of them to hide its latency.
#[cfg(target_arch = "x86_64")]
mod peak {
    use std::{arch::x86_64::*, hint::black_box};

    const CHAINS: usize = 16;
    const STEPS: usize = 200_000;

    macro_rules! chains {
        ($first:expr, $x:expr, $step:expr) => {{
            let (mut sums, x) = ([$first; CHAINS], $x);
            for _ in 0..STEPS {
                for sum in &mut sums {
                    *sum = $step(*sum, x, x);
                }
            }
            black_box(&sums);
        }};
    }

    #[target_feature(enable = "avx512f,avx512vnni")]
    fn int8_chains() {
        chains!(_mm512_set1_epi32(black_box(1)), _mm512_set1_epi32(black_box(3)), _mm512_dpbusd_epi32);
    }

    #[target_feature(enable = "avx512f,avx512vnni")]
    fn f32_chains() {
        chains!(_mm512_set1_ps(black_box(1.0)), _mm512_set1_ps(black_box(0.5)), _mm512_fmadd_ps);
    }

    /// In thousand millions of operations a second.
    ///
    /// # Safety
    /// The CPU must have AVX-512 VNNI.
    pub unsafe fn int8() -> f64 {
        // SAFETY: the caller promises it.
        (STEPS * CHAINS * 128) as f64 / super::best(|| unsafe { int8_chains() }) / 1e9
    }

    /// In thousand millions of operations a second.
    ///
    /// # Safety
    /// As above.
    pub unsafe fn f32() -> f64 {
        // SAFETY: the caller promises it.
        (STEPS * CHAINS * 32) as f64 / super::best(|| unsafe { f32_chains() }) / 1e9
    }
}
