//! Every instruction set that this CPU has gives the portable kernels' bits, for shapes that fill tiles and for
//! those that don't; the integer product gives what integers say.

use baton_kernels::{
    Activation, AttentionShape, Codes, Epilogue, Int8Panels, Isa, LANES, LayerNorm, Line, Panels, ScoreBias,
    flat, flat_mut, lines,
};

/// Numbers that look random and are the same everywhere.
struct Draw(u32);

impl Draw {
    fn next(&mut self) -> u32 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 17;
        self.0 ^= self.0 << 5;
        self.0
    }
    fn float(&mut self) -> f32 {
        (self.next() % 20_001) as f32 / 5000.0 - 2.0
    }
    fn rows(&mut self, rows: usize, width: usize) -> Vec<Line> {
        let mut out = vec![Line::default(); rows * lines(width)];
        for row in out.chunks_exact_mut(lines(width)) {
            flat_mut(row)[..width].fill_with(|| self.float());
        }
        out
    }
}

fn others() -> impl Iterator<Item = Isa> {
    Isa::available().into_iter().filter(|isa| isa.name() != "portable")
}

fn portable() -> Isa {
    Isa::named("portable").expect("it is always there")
}

fn bits(lines: &[Line]) -> Vec<u32> {
    flat(lines).iter().map(|x| x.to_bits()).collect()
}

const SHAPES: [(usize, usize, usize); 9] = [
    (1, 1, 1),
    (1, 40, 9),
    (2, 5, 33),
    (5, 16, 32),
    (7, 72, 40),
    (13, 48, 144),
    (25, 100, 31),
    (29, 384, 65),
    (37, 130, 96),
];

const EPILOGUES: [Epilogue; 7] = [
    Epilogue::Store,
    Epilogue::Add,
    Epilogue::Multiply,
    Epilogue::Activate(Activation::Gelu),
    Epilogue::Activate(Activation::GeluTanh),
    Epilogue::Activate(Activation::Silu),
    Epilogue::Activate(Activation::Relu),
];

#[test]
fn the_int8_product_is_what_integers_say_on_every_instruction_set() {
    let mut draw = Draw(7);
    // Weights up to 128, 64 and 32: kernels may take small ones together.
    for ((rows, inputs, columns), smaller) in SHAPES.into_iter().flat_map(|s| [0, 1, 2].map(|by| (s, by))) {
        let x = draw.rows(rows, inputs);
        let weights: Vec<Vec<i8>> =
            (0..columns).map(|_| (0..inputs).map(|_| draw.next() as i8 >> smaller).collect()).collect();
        let scales: Vec<f32> = (0..columns).map(|_| draw.float().abs() / 100.0).collect();
        let bias: Vec<f32> = (0..columns).map(|_| draw.float()).collect();
        let panels = Int8Panels::pack(columns, inputs, |j, out| {
            out.copy_from_slice(&weights[j]);
            (scales[j], bias[j])
        });
        let stride = lines(inputs);
        for isa in Isa::available() {
            let mut codes = Codes::default();
            let mut out = vec![Line::default(); rows * panels.stride()];
            isa.quantise(&x, stride, panels.width(), rows, &mut codes);
            isa.gemm_int8(&codes, &panels, &mut out, Epilogue::Store);
            for (row, got) in out.chunks_exact(panels.stride()).enumerate() {
                let x = &flat(&x[row * stride..][..stride])[..inputs];
                let scale = x.iter().fold(0.0f32, |m, x| m.max(x.abs())) / 127.0;
                let q: Vec<i32> = x.iter().map(|x| (x / scale).round_ties_even() as i32).collect();
                for j in 0..columns {
                    let sum: i32 = q.iter().zip(&weights[j]).map(|(q, w)| q * i32::from(*w)).sum();
                    let want = (sum as f32).mul_add(scale * scales[j], bias[j]);
                    let got = flat(got)[j];
                    assert_eq!(got.to_bits(), want.to_bits(), "{} {rows}x{inputs}x{columns}", isa.name());
                }
                assert!(flat(got)[columns..].iter().all(|x| *x == 0.0), "what lies past the columns is zero");
            }
        }
    }
}

/// Weights of eight inputs that `vpmaddubsw` would clip, and at the edge of what fits sixteen bits: four products of
/// 64 × 128, two of 128 × 128.
const EIGHTS: [[i8; 8]; 9] = [
    [-128; 8],
    [127; 8],
    [-64; 8],
    [64; 8],
    [-65, -64, -64, -64, -64, -64, -64, -64],
    [-128, -128, 0, 0, 0, 0, -1, -1],
    [-128, -127, -64, -64, 0, -1, -64, -65],
    [0, 0, -127, -1, 0, 0, -127, -1],
    [-128, 127, -128, 127, 127, -128, 127, -128],
];

#[test]
fn extreme_weights_and_activations_do_not_saturate() {
    let inputs = 1536;
    for (eight, activation) in EIGHTS.into_iter().flat_map(|eight| [(eight, 1.0), (eight, -1.0)]) {
        let x = vec![Line([activation; LANES]); lines(inputs)];
        let panels = Int8Panels::pack(1, inputs, |_, out| {
            out.as_chunks_mut::<8>().0.fill(eight);
            (127.0, 0.0)
        });
        let sum =
            127 * activation as i32 * inputs as i32 / 8 * eight.iter().map(|w| i32::from(*w)).sum::<i32>();
        let want = (sum as f32) * ((1.0f32 / 127.0) * 127.0);
        for isa in Isa::available() {
            let (mut codes, mut out) = (Codes::default(), vec![Line::default(); panels.stride()]);
            isa.quantise(&x, lines(inputs), panels.width(), 1, &mut codes);
            isa.gemm_int8(&codes, &panels, &mut out, Epilogue::Store);
            assert_eq!(flat(&out)[0], want, "{}, {eight:?} × {activation}", isa.name());
        }
    }
}

#[test]
fn small_and_large_weights_side_by_side_are_each_summed_in_full() {
    let (rows, inputs, columns) = (19, 392, 75);
    let sign = |row: usize, i: usize| if (row * 7 + i * i / 3) % 5 < 2 { -1 } else { 1 };
    let weight = |j: usize, i: usize| EIGHTS[(j / 3 + i / 8 * 5) % EIGHTS.len()][i % 8];
    let mut x = vec![Line::default(); rows * lines(inputs)];
    for (row, x) in x.chunks_exact_mut(lines(inputs)).enumerate() {
        flat_mut(x)[..inputs].iter_mut().enumerate().for_each(|(i, x)| *x = sign(row, i) as f32);
    }
    let panels = Int8Panels::pack(columns, inputs, |j, out| {
        out.iter_mut().enumerate().for_each(|(i, w)| *w = weight(j, i));
        (127.0, 0.0)
    });
    for isa in Isa::available() {
        let (mut codes, mut out) = (Codes::default(), vec![Line::default(); rows * panels.stride()]);
        isa.quantise(&x, lines(inputs), panels.width(), rows, &mut codes);
        isa.gemm_int8(&codes, &panels, &mut out, Epilogue::Store);
        for (row, out) in out.chunks_exact(panels.stride()).enumerate() {
            for (j, got) in flat(out)[..columns].iter().enumerate() {
                let sum: i32 = (0..inputs).map(|i| 127 * sign(row, i) * i32::from(weight(j, i))).sum();
                let want = (sum as f32) * ((1.0f32 / 127.0) * 127.0);
                assert_eq!(*got, want, "{}, row {row}, column {j}", isa.name());
            }
        }
    }
}

#[test]
fn a_row_of_zeros_has_the_bias_for_product() {
    let panels = Int8Panels::pack(3, 20, |_, out| {
        out.fill(9);
        (0.5, 1.25)
    });
    for isa in Isa::available() {
        let (mut codes, mut out) = (Codes::default(), vec![Line::default(); panels.stride()]);
        isa.quantise(&[Line::default(); 2], 2, panels.width(), 1, &mut codes);
        isa.gemm_int8(&codes, &panels, &mut out, Epilogue::Store);
        assert_eq!(flat(&out)[..4], [1.25, 1.25, 1.25, 0.0], "{}", isa.name());
    }
}

#[test]
fn products_and_what_follows_have_the_portable_bits() {
    let mut draw = Draw(11);
    for (rows, inputs, columns) in SHAPES {
        let x = draw.rows(rows, inputs);
        let stride = lines(inputs);
        let f32 = Panels::pack(columns, inputs, |_, out| {
            out.fill_with(|| draw.float());
            0.3
        });
        let int8 = Int8Panels::pack(columns, inputs, |_, out| {
            out.fill_with(|| draw.next() as i8);
            (0.003, -0.2)
        });
        for epilogue in EPILOGUES {
            let run = |isa: Isa| {
                let mut codes = Codes::default();
                let mut out = [
                    vec![Line([0.7; LANES]); rows * f32.stride()],
                    vec![Line([0.7; LANES]); rows * int8.stride()],
                ];
                isa.gemm(&x, stride, rows, &f32, &mut out[0], epilogue);
                isa.quantise(&x, stride, int8.width(), rows, &mut codes);
                isa.gemm_int8(&codes, &int8, &mut out[1], epilogue);
                out.map(|out| bits(&out))
            };
            let want = run(portable());
            for isa in others() {
                assert!(run(isa) == want, "{} {rows}x{inputs}x{columns} {epilogue:?}", isa.name());
            }
        }
    }
}

/// A damaged weight, or one that overflows, must end as what `engine` refuses, and not as a confident label.
#[test]
fn what_is_no_number_is_none_after_each_kernel() {
    const WIDTH: usize = 40;
    let (inputs, f32s) = (
        4,
        Panels::pack(9, WIDTH, |_, out| {
            out.fill(0.25);
            0.5
        }),
    );
    let int8s = Int8Panels::pack(9, WIDTH, |_, out| {
        out.fill(9);
        (0.5, 1.25)
    });
    let norm = LayerNorm::new(&[1.0; WIDTH], &[0.5; WIDTH], 1e-12);
    let all = |lines: &[Line], columns: usize| flat(lines)[..columns].iter().all(|x| x.is_nan());
    for (isa, bad) in
        Isa::available().into_iter().flat_map(|isa| [f32::NAN, f32::INFINITY].map(|bad| (isa, bad)))
    {
        for at in [0, 15, 16, WIDTH - 1] {
            let mut rows = vec![Line::default(); inputs * lines(WIDTH)];
            flat_mut(&mut rows).fill(0.5);
            flat_mut(&mut rows)[at] = bad;
            let what = format!("{} {bad} {at}", isa.name());
            for epilogue in EPILOGUES.into_iter().filter(|epilogue| matches!(epilogue, Epilogue::Activate(_)))
            {
                let mut out = vec![Line::default(); inputs * f32s.stride()];
                let mut with_nan = rows.clone();
                flat_mut(&mut with_nan)[at] = f32::NAN;
                isa.gemm(&with_nan, lines(WIDTH), inputs, &f32s, &mut out, epilogue);
                assert!(all(&out, 9), "{what} {epilogue:?}");
            }
            let (mut codes, mut out) = (Codes::default(), vec![Line::default(); inputs * int8s.stride()]);
            isa.quantise(&rows, lines(WIDTH), int8s.width(), inputs, &mut codes);
            isa.gemm_int8(&codes, &int8s, &mut out, Epilogue::Store);
            assert!(
                all(&out, 9) && flat(&out)[int8s.stride() * LANES..].iter().all(|x| x.is_finite()),
                "{what}"
            );
            let mut normed = rows.clone();
            isa.layer_norm(&mut normed, &norm);
            assert!(all(&normed, WIDTH), "{what}");
        }
        // In a query, a key or a value.
        for part in 0..3 {
            let (tokens, width) = (5, lines(16));
            let shape =
                AttentionShape { tokens, heads: 1, head: 16, qkv_stride: 3 * width, context_stride: width };
            let mut qkv = vec![Line::default(); tokens * 3 * width];
            flat_mut(&mut qkv).fill(0.5);
            flat_mut(&mut qkv)[(3 + part) * LANES + 3] = bad;
            let mut context = vec![Line::default(); tokens * width];
            isa.attention(&qkv, shape, None, tokens, &mut context, &mut Vec::new());
            let bad_rows =
                context.chunks(width).filter(|row| flat(row).iter().any(|x| !x.is_finite())).count();
            assert_eq!(bad_rows, if part == 0 { 1 } else { tokens }, "{} {bad} {part}", isa.name());
        }
    }
}

#[test]
fn layer_norm_has_the_portable_bits() {
    let mut draw = Draw(13);
    for width in [1, 16, 40, 384, 390] {
        let weight: Vec<f32> = (0..width).map(|_| draw.float()).collect();
        let norm = LayerNorm::new(&weight, &weight, 1e-12);
        let mut rows = vec![Line::default(); 5 * norm.stride()];
        for row in rows.chunks_exact_mut(norm.stride()) {
            flat_mut(row)[..width].fill_with(|| draw.float());
        }
        let run = |isa: Isa| {
            let mut rows = rows.clone();
            isa.layer_norm(&mut rows, &norm);
            bits(&rows)
        };
        others().for_each(|isa| assert!(run(isa) == run(portable()), "{} {width}", isa.name()));
    }
}

#[test]
fn attention_has_the_portable_bits() {
    let mut draw = Draw(17);
    for (tokens, heads, head) in [(1, 1, 32), (3, 2, 10), (17, 3, 16), (38, 2, 32), (50, 1, 64), (67, 1, 48)]
    {
        let width = lines(head);
        let mut qkv = vec![Line::default(); tokens * 3 * heads * width];
        for part in qkv.chunks_exact_mut(width) {
            flat_mut(part)[..head].fill_with(|| draw.float());
        }
        let (qkv_stride, context_stride) = (3 * heads * width, heads * width);
        let shape = AttentionShape { tokens, heads, head, qkv_stride, context_stride };
        let table: Vec<f32> = (0..heads * (2 * REACH - 1)).map(|_| draw.float()).collect();
        let by_distance = ScoreBias::by_distance(&table, REACH, false);
        for bias in [None, Some(by_distance), Some(ScoreBias::by_distance(&table, REACH, true))] {
            let run = |isa: Isa, queries: usize| {
                let mut context = vec![Line::default(); queries * context_stride];
                isa.attention(&qkv, shape, bias, queries, &mut context, &mut Vec::new());
                bits(&context)
            };
            let want = run(portable(), tokens);
            for isa in others() {
                let what = format!("{} {tokens}x{heads}x{head} {}", isa.name(), bias.is_some());
                assert!(run(isa, tokens) == want, "{what}");
                assert!(run(isa, 1) == want[..context_stride * LANES], "{what}: the first row alone");
            }
        }
    }
}

/// Tokens that the biases by distance are made for, more than there are.
const REACH: usize = 70;

#[test]
fn attention_adds_to_each_score_what_its_heads_bias_has_for_the_distance() {
    const FAR: f32 = -1e9;
    let (tokens, heads, head) = (19, 2, 8);
    let width = lines(head);
    let (qkv_stride, context_stride) = (3 * heads * width, heads * width);
    // Queries and keys are zero, so that the bias alone decides; the values say which token they are of.
    let mut qkv = vec![Line::default(); tokens * qkv_stride];
    for (token, row) in qkv.chunks_exact_mut(qkv_stride).enumerate() {
        flat_mut(&mut row[2 * heads * width..]).fill(token as f32);
    }
    let shape = AttentionShape { tokens, heads, head, qkv_stride, context_stride };
    // The first head sees the next token alone, the second the one three before.
    let distances = 1 - REACH as i64..REACH as i64;
    let only = |seen: i64| distances.clone().map(move |d| if d == seen { 0.0 } else { FAR });
    let table: Vec<f32> = only(1).chain(only(-3)).collect();
    let bias = Some(ScoreBias::by_distance(&table, REACH, false));
    let mut context = vec![Line::default(); tokens * context_stride];
    Isa::detect().attention(&qkv, shape, bias, tokens, &mut context, &mut Vec::new());
    for (token, row) in context.chunks_exact(context_stride).enumerate() {
        if token + 1 < tokens {
            assert!((row[0].0[0] - (token as f32 + 1.0)).abs() < 1e-6, "{token}: {}", row[0].0[0]);
        }
        if token >= 3 {
            assert!((row[width].0[0] - (token as f32 - 3.0)).abs() < 1e-6, "{token}: {}", row[width].0[0]);
        }
    }
}

/// Tests on one architecture can only compare what is there; this number is the same on all of them.
#[test]
fn the_bits_are_the_same_on_every_architecture() {
    let mut draw = Draw(19);
    let (rows, width, heads, head) = (11, 48, 3, 16);
    let isa = Isa::detect();
    let norm = LayerNorm::new(&[0.9; 48], &[0.1; 48], 1e-12);
    let mut x = vec![Line::default(); rows * norm.stride()];
    for row in x.chunks_exact_mut(norm.stride()) {
        flat_mut(row)[..width].fill_with(|| draw.float());
    }
    isa.layer_norm(&mut x, &norm);
    let int8 = Int8Panels::pack(3 * width, width, |_, out| {
        out.fill_with(|| draw.next() as i8);
        (0.001, 0.1)
    });
    let f32 = Panels::pack(width, width, |_, out| {
        out.fill_with(|| draw.float());
        0.2
    });
    let (mut codes, mut qkv) = (Codes::default(), vec![Line::default(); rows * int8.stride()]);
    isa.quantise(&x, norm.stride(), int8.width(), rows, &mut codes);
    isa.gemm_int8(&codes, &int8, &mut qkv, Epilogue::Store);
    let (qkv_stride, context_stride) = (int8.stride(), heads * lines(head));
    let shape = AttentionShape { tokens: rows, heads, head, qkv_stride, context_stride };
    let mut context = vec![Line::default(); rows * context_stride];
    isa.attention(&qkv, shape, None, rows, &mut context, &mut Vec::new());
    let mut out = vec![Line::default(); rows * f32.stride()];
    let gelu = Epilogue::Activate(Activation::Gelu);
    isa.gemm(&context, context_stride, rows, &f32, &mut out, gelu);
    let fold = |hash: u64, bits: u32| (hash ^ u64::from(bits)).wrapping_mul(0x0000_0100_0000_01b3);
    let hash = bits(&out).into_iter().fold(0xcbf2_9ce4_8422_2325, fold);
    assert_eq!(
        hash, 2_409_646_195_321_979_984,
        "the kernels' arithmetic has changed, or this architecture's differs"
    );
}
