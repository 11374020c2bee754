//! What each architecture calls its tensors. The encoder knows parts, not names; here is the one table of them.

use super::config::{Architecture, HeadKind, ModelConfig};

/// The names of one architecture's tensors, without `.weight` and `.bias`.
///
/// Those of the encoder have a prefix before them in a classifier's file, and none in a bare encoder's; those of a
/// block have the block's name before them.
pub struct Names {
    /// `bert.` and its like.
    pub prefix: &'static str,
    pub words: &'static str,
    pub positions: &'static str,
    pub types: &'static str,
    pub embedding_norm: &'static str,
    /// Where the tables are narrower than the blocks.
    pub projection: &'static str,
    /// A block: `{}` is its number, in its group `{group}` where blocks are shared.
    block: &'static str,
    pub projections: Projections,
    pub attention_output: &'static str,
    pub attention_norm: &'static str,
    pub up: &'static str,
    pub down: &'static str,
    pub output_norm: &'static str,
    /// What attention knows of distances: MPNet's biases, DeBERTa's vectors.
    pub distances: &'static str,
    /// A block's own vectors of distances, of BERT and its kin.
    pub block_distances: &'static str,
    /// The norm after the last block, of architectures that norm first.
    pub last_norm: &'static str,
    /// The head's layer before the last one, and a norm after it.
    pub pool: &'static str,
    pub pool_norm: &'static str,
    /// The last layer of a head for texts, and of one for tokens.
    classifiers: [&'static str; 2],
}

/// Queries, keys and values.
pub enum Projections {
    /// In three tensors.
    Separate([&'static str; 3]),
    /// In one, one after the other.
    Joined(&'static str),
}

const BERT: Names = Names {
    prefix: "bert.",
    words: "embeddings.word_embeddings",
    positions: "embeddings.position_embeddings",
    types: "embeddings.token_type_embeddings",
    embedding_norm: "embeddings.LayerNorm",
    projection: "embeddings_project",
    block: "encoder.layer.{}.",
    projections: Projections::Separate([
        "attention.self.query",
        "attention.self.key",
        "attention.self.value",
    ]),
    attention_output: "attention.output.dense",
    attention_norm: "attention.output.LayerNorm",
    up: "intermediate.dense",
    down: "output.dense",
    output_norm: "output.LayerNorm",
    distances: "encoder.relative_attention_bias",
    block_distances: "attention.self.distance_embedding",
    last_norm: "final_norm",
    pool: "pooler.dense",
    pool_norm: "head.norm",
    classifiers: ["classifier", "classifier"],
};

const DISTILBERT: Names = Names {
    prefix: "distilbert.",
    block: "transformer.layer.{}.",
    projections: Projections::Separate(["attention.q_lin", "attention.k_lin", "attention.v_lin"]),
    attention_output: "attention.out_lin",
    attention_norm: "sa_layer_norm",
    up: "ffn.lin1",
    down: "ffn.lin2",
    output_norm: "output_layer_norm",
    pool: "pre_classifier",
    ..BERT
};

const ROBERTA: Names = Names {
    prefix: "roberta.",
    pool: "classifier.dense",
    classifiers: ["classifier.out_proj", "classifier"],
    ..BERT
};

const ELECTRA: Names = Names { prefix: "electra.", ..ROBERTA };

const MPNET: Names = Names {
    prefix: "mpnet.",
    projections: Projections::Separate(["attention.attn.q", "attention.attn.k", "attention.attn.v"]),
    attention_output: "attention.attn.o",
    attention_norm: "attention.LayerNorm",
    ..ROBERTA
};

const ALBERT: Names = Names {
    prefix: "albert.",
    projection: "encoder.embedding_hidden_mapping_in",
    block: "encoder.albert_layer_groups.{group}.albert_layers.{}.",
    projections: Projections::Separate(["attention.query", "attention.key", "attention.value"]),
    attention_output: "attention.dense",
    attention_norm: "attention.LayerNorm",
    block_distances: "attention.distance_embedding",
    up: "ffn",
    down: "ffn_output",
    output_norm: "full_layer_layer_norm",
    pool: "pooler",
    ..BERT
};

const DEBERTA: Names = Names {
    prefix: "deberta.",
    projection: "embeddings.embed_proj",
    projections: Projections::Separate([
        "attention.self.query_proj",
        "attention.self.key_proj",
        "attention.self.value_proj",
    ]),
    distances: "encoder.rel_embeddings",
    ..BERT
};

const MODERNBERT: Names = Names {
    prefix: "model.",
    words: "embeddings.tok_embeddings",
    embedding_norm: "embeddings.norm",
    block: "layers.{}.",
    projections: Projections::Joined("attn.Wqkv"),
    attention_output: "attn.Wo",
    attention_norm: "attn_norm",
    up: "mlp.Wi",
    down: "mlp.Wo",
    output_norm: "mlp_norm",
    pool: "head.dense",
    ..BERT
};

/// DeBERTa's own: vectors of distances with projections of their own, the norm of those vectors, the convolution.
pub const DISTANCE_QUERY: &str = "attention.self.pos_query_proj";
pub const DISTANCE_KEY: &str = "attention.self.pos_key_proj";
pub const DISTANCE_NORM: &str = "encoder.LayerNorm";
pub const CONVOLUTION: &str = "encoder.conv.conv";
pub const CONVOLUTION_NORM: &str = "encoder.conv.LayerNorm";

impl Names {
    /// An architecture's.
    pub fn of(architecture: Architecture) -> &'static Names {
        match architecture {
            Architecture::Bert => &BERT,
            Architecture::DistilBert => &DISTILBERT,
            Architecture::Roberta | Architecture::XlmRoberta | Architecture::Camembert => &ROBERTA,
            Architecture::Electra => &ELECTRA,
            Architecture::Mpnet => &MPNET,
            Architecture::Albert => &ALBERT,
            Architecture::DebertaV2 => &DEBERTA,
            Architecture::ModernBert => &MODERNBERT,
        }
    }

    /// What the names of stored block `i` begin with.
    pub fn block(&self, config: &ModelConfig, i: usize) -> String {
        let (group, i) = config.sharing.map_or((0, i), |sharing| (i / sharing.blocks, i % sharing.blocks));
        self.block.replace("{group}", &group.to_string()).replace("{}", &i.to_string())
    }

    /// The weights of stored block `i` that are used in the model's precision.
    pub fn linear(&self, config: &ModelConfig, i: usize) -> Vec<String> {
        let projections = match &self.projections {
            Projections::Separate(names) => &names[..],
            Projections::Joined(name) => std::slice::from_ref(name),
        };
        let block = self.block(config, i);
        let parts = projections.iter().chain([&self.attention_output, &self.up, &self.down]);
        parts.map(|part| format!("{block}{part}.weight")).collect()
    }

    /// The last layer of a head.
    pub fn classifier(&self, head: HeadKind) -> &'static str {
        match head {
            HeadKind::Sequence => self.classifiers[0],
            HeadKind::Token => self.classifiers[1],
        }
    }
}
