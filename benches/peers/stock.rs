//! candle-transformers' own BERT with the classifier's head, batches padded to their longest.

use std::path::Path;

use baton::model::Sequence;
use candle_core::{DType, Device, Tensor};
use candle_nn::{Linear, Module, VarBuilder, linear};
use candle_transformers::models::bert::{BertModel, Config};

pub struct Model {
    bert: BertModel,
    pooler: Linear,
    classifier: Linear,
}

impl Model {
    /// The f32 model in the folder.
    pub fn load(folder: &Path) -> Self {
        let read = |name: &str| std::fs::read(folder.join(name)).unwrap_or_else(|e| panic!("{name}: {e}"));
        let config: Config = serde_json::from_slice(&read("config.json")).expect("a BERT's config.json");
        let vb = VarBuilder::from_buffered_safetensors(read("model.safetensors"), DType::F32, &Device::Cpu)
            .expect("weights");
        Model {
            bert: BertModel::load(vb.pp("bert"), &config).expect("a BERT"),
            pooler: linear(config.hidden_size, config.hidden_size, vb.pp("bert.pooler.dense"))
                .expect("a pooler"),
            classifier: linear(config.hidden_size, 3, vb.pp("classifier")).expect("a classifier"),
        }
    }

    /// The sequences at these places as one batch.
    pub fn run(&self, sequences: &[Sequence], batch: &[usize]) {
        let longest = batch.iter().map(|&i| sequences[i].ids.len()).max().unwrap_or(0);
        let padded = |values: &dyn Fn(&Sequence) -> Vec<u32>| {
            let rows = batch.iter().flat_map(|&i| {
                let mut row = values(&sequences[i]);
                row.resize(longest, 0);
                row
            });
            Tensor::from_vec(rows.collect::<Vec<u32>>(), (batch.len(), longest), &Device::Cpu)
                .expect("a tensor")
        };
        let (ids, types) = (padded(&|s| s.ids.clone()), padded(&|s| s.types.clone()));
        let mask = padded(&|s| vec![1; s.ids.len()]);
        let states = self.bert.forward(&ids, &types, Some(&mask)).expect("states");
        let first = states.narrow(1, 0, 1).and_then(|first| first.squeeze(1)).expect("the first row");
        let pooled = self.pooler.forward(&first).and_then(|p| p.tanh()).expect("a pooled row");
        std::hint::black_box(self.classifier.forward(&pooled).expect("logits"));
    }
}
