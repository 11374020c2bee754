//! The architectures that Baton runs, by the names that config.json gives them.

use super::{HeadKind, keys::Keys};
use crate::model::LoadError;

/// A family of models that one piece of transformers' code runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Architecture {
    Bert,
    DistilBert,
    Roberta,
    XlmRoberta,
    Camembert,
    Electra,
    Mpnet,
    Albert,
    /// DeBERTa-v3 too, which is DeBERTa-v2 with other weights.
    DebertaV2,
    ModernBert,
}

/// Each with its `model_type` and what its classes' names begin with.
const NAMED: [(Architecture, &str, &str); 10] = [
    (Architecture::Bert, "bert", "Bert"),
    (Architecture::DistilBert, "distilbert", "DistilBert"),
    (Architecture::Roberta, "roberta", "Roberta"),
    (Architecture::XlmRoberta, "xlm-roberta", "XLMRoberta"),
    (Architecture::Camembert, "camembert", "Camembert"),
    (Architecture::Electra, "electra", "Electra"),
    (Architecture::Mpnet, "mpnet", "MPNet"),
    (Architecture::Albert, "albert", "Albert"),
    (Architecture::DebertaV2, "deberta-v2", "DebertaV2"),
    (Architecture::ModernBert, "modernbert", "ModernBert"),
];

const HEADS: [(HeadKind, &str); 2] =
    [(HeadKind::Sequence, "ForSequenceClassification"), (HeadKind::Token, "ForTokenClassification")];

impl Architecture {
    /// Architecture and head, which are read before anything else: another one's file has other keys, and what is
    /// wrong with it is not that they are missing.
    ///
    /// # Errors
    /// One that Baton doesn't have.
    pub(super) fn read(keys: &Keys) -> Result<(Self, HeadKind), LoadError> {
        let kind: Option<String> = keys.optional("model_type")?;
        let Some((architecture, _, class)) = NAMED.iter().find(|(_, name, _)| Some(*name) == kind.as_deref())
        else {
            let all: Vec<_> = NAMED.iter().map(|(_, name, _)| *name).collect();
            return keys.refuse("model_type", &all.join(", "));
        };
        let classes: Vec<String> = keys.or("architectures", Vec::new())?;
        let name = classes.first().and_then(|name| name.strip_prefix(class));
        match HEADS.iter().find(|(_, head)| Some(*head) == name) {
            Some((head, _)) => Ok((*architecture, *head)),
            None => {
                let all: Vec<_> = HEADS.iter().map(|(_, head)| format!("{class}{head}")).collect();
                keys.refuse("architectures", &all.join(" and "))
            }
        }
    }
}
