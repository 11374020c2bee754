//! The activation functions of BERT-style models, by the names that config.json gives them.

use super::lanes::Lanes;

/// What a feed-forward layer does between its two products.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Activation {
    /// `x · Φ(x)`, by the error function: what BERT means by `gelu`.
    Gelu,
    /// The tanh form: `gelu_new`, `gelu_pytorch_tanh`, `gelu_fast`.
    GeluTanh,
    /// `max(x, 0)`.
    Relu,
    /// `x · sigmoid(x)`: `silu`, `swish`.
    Silu,
    /// The hyperbolic tangent, as in BERT's pooler.
    Tanh,
}

impl Activation {
    /// The names that [`Activation::named`] knows.
    pub const NAMES: &str = "gelu, gelu_new, gelu_pytorch_tanh, gelu_fast, relu, silu, swish, tanh";

    /// By its name in config.json; None for one that Baton doesn't have.
    pub fn named(name: &str) -> Option<Activation> {
        Some(match name {
            "gelu" => Activation::Gelu,
            "gelu_new" | "gelu_pytorch_tanh" | "gelu_fast" => Activation::GeluTanh,
            "relu" => Activation::Relu,
            "silu" | "swish" => Activation::Silu,
            "tanh" => Activation::Tanh,
            _ => return None,
        })
    }

    #[inline(always)]
    pub(super) fn apply<L: Lanes>(self, x: L) -> L {
        let half = x.mul(L::splat(0.5));
        match self {
            Activation::Gelu => half.fma(x.mul(L::splat(std::f32::consts::FRAC_1_SQRT_2)).erf(), half),
            Activation::GeluTanh => {
                let inner = x.mul(x).mul(x).fma(L::splat(0.044_715), x);
                half.fma(inner.mul(L::splat(0.797_884_6)).tanh(), half)
            }
            // Zero is added for a zero's sign, which not all instruction sets choose alike.
            Activation::Relu => L::splat(0.0).max(x).add(L::splat(0.0)),
            Activation::Silu => x.div(L::splat(0.0).sub(x).exp().add(L::splat(1.0))),
            Activation::Tanh => x.tanh(),
        }
    }
}
