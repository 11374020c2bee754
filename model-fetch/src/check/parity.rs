//! parity.json: texts, and the logits that PyTorch gave for them.

use std::{fs, path::Path};

use baton::model::{Model, Precision, Sequence};
use serde::Deserialize;

use crate::error::{At, Error};

/// What floats may differ: PyTorch's own f32 is within 1e-5 of f64.
const TOLERANCE: f32 = 1e-4;

pub struct Verdict {
    /// Whether the logits are the same.
    pub holds: bool,
    pub text: String,
}

#[derive(Deserialize)]
struct Fixture {
    cases: Vec<Case>,
    w8a8_from_f32: Option<Spread>,
}

#[derive(Deserialize)]
struct Spread {
    mean: f32,
}

#[derive(Deserialize)]
struct Case {
    text: String,
    pair: Option<String>,
    /// Tokenised word by word: the text as a whole has other pieces.
    words: Option<serde_json::Value>,
    input_ids: Vec<u32>,
    token_type_ids: Vec<u32>,
    logits: Rows,
    logits_w8a8: Option<Rows>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Rows {
    One(Vec<f32>),
    Each(Vec<Vec<f32>>),
}

impl Rows {
    fn flat(&self) -> Vec<f32> {
        match self {
            Rows::One(row) => row.clone(),
            Rows::Each(rows) => rows.concat(),
        }
    }
}

#[derive(Default)]
struct Found {
    compared: usize,
    too_long: usize,
    other_pieces: usize,
    greatest: f32,
    sum: f64,
    logits: usize,
}

/// Compares, if the folder has a parity.json.
pub async fn compare(model: &Model, folder: &Path) -> Result<Option<Verdict>, Error> {
    let path = folder.join("parity.json");
    if !path.is_file() {
        return Ok(None);
    }
    let fixture: Fixture = serde_json::from_slice(&fs::read(&path).at(&path)?)
        .map_err(|e| Error::lasting(format!("{}: {e}", path.display())))?;
    let quantised = model.config.storage.precision() == Precision::Int8;
    let mut found = Found::default();
    for case in &fixture.cases {
        found.take(model, case, quantised).await?;
    }
    Ok(Some(found.verdict(quantised, fixture.w8a8_from_f32.map(|spread| spread.mean))))
}

impl Found {
    async fn take(&mut self, model: &Model, case: &Case, quantised: bool) -> Result<(), Error> {
        if case.input_ids.len() > model.config.max_tokens {
            self.too_long += 1;
            return Ok(());
        }
        if case.words.is_none() && pieces(model, case)? != case.input_ids {
            self.other_pieces += 1;
        }
        if case.token_type_ids.len() != case.input_ids.len()
            || case.input_ids.iter().any(|id| *id as usize >= model.config.vocabulary)
        {
            let text =
                format!("parity.json: what it has of the text {:?} is no input of this model", case.text);
            return Err(Error::lasting(text));
        }
        let last = model.config.types.saturating_sub(1) as u32;
        let types = case.token_type_ids.iter().map(|kind| (*kind).min(last)).collect();
        let sequence = Sequence { ids: case.input_ids.clone(), types };
        let logits =
            model.engine.run(vec![sequence]).await.map_err(|e| Error::lasting(e.to_string()))?.remove(0);
        let logits = logits.rows().flatten().copied().collect::<Vec<_>>();
        let expected = case.logits_w8a8.as_ref().filter(|_| quantised).unwrap_or(&case.logits).flat();
        if logits.len() != expected.len() {
            let text =
                format!("parity.json has {} logits where the model gives {}", expected.len(), logits.len());
            return Err(Error::lasting(text));
        }
        for (logit, expected) in logits.iter().zip(&expected) {
            let difference = (logit - expected).abs();
            // A NaN is never greater: it must not pass for being equal.
            self.greatest = if difference.is_nan() { f32::INFINITY } else { self.greatest.max(difference) };
            self.sum += f64::from(difference);
        }
        self.logits += logits.len();
        self.compared += 1;
        Ok(())
    }

    fn verdict(&self, quantised: bool, allowed_mean: Option<f32>) -> Verdict {
        let mean = (self.sum / self.logits.max(1) as f64) as f32;
        // Where activations are quantised, a rounding that falls to the other side moves all that follows: then
        // only the mean says something, and it must not be more than what quantising itself costs.
        let (close, bound) = match (quantised, allowed_mean) {
            (false, _) => (self.greatest <= TOLERANCE, format!("{TOLERANCE:.0e} allowed")),
            (true, Some(most)) => (mean <= most, format!("a mean of {most} allowed, as quantised")),
            (true, None) => (mean.is_finite(), "quantised, so no bound is known".to_owned()),
        };
        let mut text = format!(
            "{} texts: greatest difference {:.1e}, mean {mean:.1e}; {bound}",
            self.compared, self.greatest
        );
        if self.too_long > 0 {
            text += &format!("; {} left out, too long for the model", self.too_long);
        }
        if self.other_pieces > 0 {
            text += &format!("; {} are tokenised otherwise", self.other_pieces);
        }
        Verdict { holds: close && self.other_pieces == 0 && self.compared > 0, text }
    }
}

fn pieces(model: &Model, case: &Case) -> Result<Vec<u32>, Error> {
    let tokenizer = &model.tokenizer;
    let first = tokenizer.pieces(&case.text).map_err(Error::lasting)?.ids;
    Ok(match &case.pair {
        None => tokenizer.single(&first).ids,
        Some(second) => tokenizer.pair(&first, &tokenizer.pieces(second).map_err(Error::lasting)?.ids).ids,
    })
}
