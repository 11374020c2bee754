//! The words that tell how an encoder differs from BERT's.

use crate::model::kernels::Activation;

/// The table of positions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Positions {
    /// There is none.
    None,
    /// A row for each position from 0 up.
    FromZero {
        /// Rows of the table.
        rows: usize,
    },
    /// As RoBERTa counts: padding has the row of its own id, and all other tokens those after it.
    AfterPadding {
        /// Rows of the table.
        rows: usize,
        /// The id of padding.
        padding: u32,
    },
}

/// What makes vectors of the hidden size of the tables' narrower ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Projection {
    /// Nothing; they are as wide.
    None,
    /// A layer before the embeddings' norm, without a bias.
    BeforeNorm,
    /// A layer after it.
    AfterNorm,
}

/// Which parts have biases; all of BERT's have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Biases {
    /// Attention's projections.
    pub attention: bool,
    /// The feed-forward part's layers.
    pub feed_forward: bool,
    /// Layer norms.
    pub norms: bool,
    /// The head's layer before the last one.
    pub pool: bool,
}

/// Groups of blocks, each of which is run several times.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sharing {
    /// Groups.
    pub groups: usize,
    /// Blocks of a group, which run one after the other.
    pub blocks: usize,
}

/// A layer of the head before its last one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pool {
    /// What follows the product.
    pub activation: Activation,
    /// Whether a norm follows that.
    pub norm: bool,
}

/// A convolution over neighbouring tokens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Convolution {
    /// Tokens that it reads; an odd number.
    pub kernel: usize,
    /// What follows it.
    pub activation: Activation,
}

/// What attention knows of the distance between two tokens.
#[derive(Clone, Debug, PartialEq)]
pub enum Distances {
    /// Nothing.
    None,
    /// A learnt bias for each head and bucket of distances (MPNet).
    Bias,
    /// How the tokens' content goes with vectors of distances (DeBERTa).
    Disentangled(Disentangled),
    /// The same with vectors of each block's own, which need no projection (BERT's `relative_key`).
    Relative(Relative),
    /// Queries and keys turned by their positions (ModernBERT), said for each layer.
    Rotary(Vec<Rotary>),
}

/// DeBERTa's attention to distances.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Disentangled {
    /// Whether queries go with vectors of distances.
    pub content_to_position: bool,
    /// Whether keys go with vectors of distances.
    pub position_to_content: bool,
    /// Whether those vectors are projected by the layers that content is projected by.
    pub shared: bool,
    /// Whether the table of distances is normalised.
    pub norm: bool,
    /// Distances from which on all are alike.
    pub reach: usize,
    /// Half as many buckets as there are, of which the outer ones are ever wider; None where each distance has
    /// its own.
    pub buckets: Option<usize>,
}

impl Disentangled {
    /// Half the rows of the table of distances.
    pub fn span(&self) -> usize {
        self.buckets.unwrap_or(self.reach)
    }
}

/// BERT's relative positions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Relative {
    /// Positions that the vectors were made for; `2 * rows - 1` distances.
    pub rows: usize,
    /// Whether keys go with vectors of distances, as queries do (`relative_key_query`).
    pub keys: bool,
    /// Whether what they add to the scores is divided with them by the root of a head's width; ALBERT's is not.
    pub divided: bool,
}

/// How one layer's attention is turned, and how far it sees.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Rotary {
    /// The base of the angles' frequencies.
    pub theta: f32,
    /// Tokens that are seen to each side; None for all.
    pub window: Option<usize>,
}
