//! One block of the encoder, as large as MiniLM's, for its instructions to be counted: what tells of a CPU that isn't
//! here. `tests/arm.sh` compiles it for aarch64, runs it under qemu once with the block and once without, and takes
//! the difference.
//!
//! ```text
//! instructions                  the instruction sets that this CPU has
//! instructions ISA int8|f32 N   runs the block N times for TOKENS tokens
//! ```

use std::{env, hint::black_box};

use baton_kernels::{
    Activation, AttentionShape, Codes, Epilogue, Int8Panels, Isa, LANES, LayerNorm, Line, Panels, lines,
};

const TOKENS: usize = 12;
const HEADS: usize = 12;
const HEAD: usize = 32;
const HIDDEN: usize = HEADS * HEAD;
const UP: usize = 4 * HIDDEN;

fn main() {
    let arguments: Vec<String> = env::args().skip(1).filter(|argument| argument != "--bench").collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        [isa, precision, times] => {
            let isa = Isa::named(isa).expect("an instruction set of this CPU");
            let times = times.parse().expect("a number");
            match precision {
                "int8" => int8(isa, times),
                _ => f32(isa, times),
            }
        }
        _ => println!("{}", Isa::available().iter().map(|isa| isa.name()).collect::<Vec<_>>().join(" ")),
    }
}

fn rows(width: usize) -> Vec<Line> {
    vec![Line([0.5; LANES]); TOKENS * lines(width)]
}

/// What both have in common: rows of activations, a norm, the shape of attention.
struct Block {
    isa: Isa,
    hidden: Vec<Line>,
    qkv: Vec<Line>,
    context: Vec<Line>,
    up: Vec<Line>,
    scratch: Vec<Line>,
    norm: LayerNorm,
}

impl Block {
    fn new(isa: Isa) -> Self {
        let norm = LayerNorm::new(&[1.0; HIDDEN], &[0.5; HIDDEN], 1e-12);
        let (hidden, qkv, context, up) = (rows(HIDDEN), rows(3 * HIDDEN), rows(HIDDEN), rows(UP));
        Block { isa, hidden, qkv, context, up, scratch: Vec::new(), norm }
    }

    fn attention(&mut self) {
        let (qkv_stride, context_stride) = (lines(3 * HIDDEN), lines(HIDDEN));
        let shape = AttentionShape { tokens: TOKENS, heads: HEADS, head: HEAD, qkv_stride, context_stride };
        self.isa.attention(&self.qkv, shape, None, TOKENS, &mut self.context, &mut self.scratch);
    }
}

const GELU: Epilogue = Epilogue::Activate(Activation::Gelu);
const MATRICES: [(usize, usize); 4] = [(3 * HIDDEN, HIDDEN), (HIDDEN, HIDDEN), (UP, HIDDEN), (HIDDEN, UP)];

fn int8(isa: Isa, times: usize) {
    let mut block = Block::new(isa);
    let [qkv, out, up, down] = MATRICES.map(|(columns, inputs)| {
        Int8Panels::pack(columns, inputs, |_, column| {
            column.fill(3);
            (0.01, 0.1)
        })
    });
    let mut codes = Codes::default();
    for _ in 0..times {
        isa.quantise(&block.hidden, lines(HIDDEN), lines(HIDDEN), TOKENS, &mut codes);
        isa.gemm_int8(&codes, &qkv, &mut block.qkv, Epilogue::Store);
        block.attention();
        isa.quantise(&block.context, lines(HIDDEN), lines(HIDDEN), TOKENS, &mut codes);
        isa.gemm_int8(&codes, &out, &mut block.hidden, Epilogue::Add);
        isa.layer_norm(&mut block.hidden, &block.norm);
        isa.quantise(&block.hidden, lines(HIDDEN), lines(HIDDEN), TOKENS, &mut codes);
        isa.gemm_int8(&codes, &up, &mut block.up, GELU);
        isa.quantise(&block.up, lines(UP), lines(UP), TOKENS, &mut codes);
        isa.gemm_int8(&codes, &down, &mut block.hidden, Epilogue::Add);
        isa.layer_norm(&mut block.hidden, &block.norm);
    }
    black_box(&block.hidden);
}

fn f32(isa: Isa, times: usize) {
    let mut block = Block::new(isa);
    let [qkv, out, up, down] = MATRICES.map(|(columns, inputs)| {
        Panels::pack(columns, inputs, |_, column| {
            column.fill(0.3);
            0.1
        })
    });
    for _ in 0..times {
        isa.gemm(&block.hidden, lines(HIDDEN), TOKENS, &qkv, &mut block.qkv, Epilogue::Store);
        block.attention();
        isa.gemm(&block.context, lines(HIDDEN), TOKENS, &out, &mut block.hidden, Epilogue::Add);
        isa.layer_norm(&mut block.hidden, &block.norm);
        isa.gemm(&block.hidden, lines(HIDDEN), TOKENS, &up, &mut block.up, GELU);
        isa.gemm(&block.up, lines(UP), TOKENS, &down, &mut block.hidden, Epilogue::Add);
        isa.layer_norm(&mut block.hidden, &block.norm);
    }
    black_box(&block.hidden);
}
