//! A text's logits → scores of its labels.

use indexmap::IndexSet;

use super::{description::Problem, softmax};

/// The labels of a text classifier. Logits whose labels have one name are one label's.
#[derive(Clone, Debug)]
pub struct Labels {
    names: Vec<String>,
    /// For each logit the index of its name.
    of: Vec<usize>,
    exclusive: bool,
}

impl Labels {
    /// Labels by the names of the logits.
    ///
    /// # Errors
    /// A model whose logits are no labels'.
    pub fn new(logits: &[String], problem: Problem) -> Result<Self, String> {
        let exclusive = problem == Problem::SingleLabel;
        if problem == Problem::Regression || (exclusive && logits.len() == 1) {
            return Err(
                "gives a number, not labels (`problem_type` in config.json, or baton.json, says what it is; \
                        a model with one label can only be multi_label_classification)"
                    .into(),
            );
        }
        let mut names = IndexSet::new();
        let of = logits.iter().map(|name| names.insert_full(name.clone()).0).collect();
        Ok(Labels { names: names.into_iter().collect(), of, exclusive })
    }

    /// Their names, in the order of the scores.
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// Whether a text has just one of them.
    pub fn are_exclusive(&self) -> bool {
        self.exclusive
    }

    /// Each label's probability: of labels that exclude each other by softmax, they add up to one; of others by
    /// the logistic function, each for itself. A name of several logits has their sum, or the greatest of them.
    pub fn scores(&self, logits: &[f32]) -> Vec<f64> {
        let mut scores = vec![0.0; self.names.len()];
        if self.exclusive {
            softmax(logits).iter().zip(&self.of).for_each(|(score, &name)| scores[name] += score);
        } else {
            let single = logits.iter().map(|&logit| 1.0 / (1.0 + f64::from(-logit).exp()));
            single.zip(&self.of).for_each(|(score, &name)| scores[name] = scores[name].max(score));
        }
        scores
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(problem: Problem) -> Labels {
        Labels::new(&["bad", "bad", "fine"].map(str::to_owned), problem).unwrap()
    }

    #[test]
    fn logits_of_one_name_are_one_label() {
        let of = labels(Problem::SingleLabel);
        assert_eq!(of.names(), ["bad", "fine"]);
        let scores = of.scores(&[0.0, 0.0, 0.0]);
        assert!((scores[0] - 2.0 / 3.0).abs() < 1e-12 && (scores[1] - 1.0 / 3.0).abs() < 1e-12, "{scores:?}");
        assert_eq!(labels(Problem::MultiLabel).scores(&[-9.0, 0.0, 100.0]), [0.5, 1.0]);
    }

    #[test]
    fn logits_beyond_what_an_exponential_holds_are_scores() {
        assert_eq!(labels(Problem::SingleLabel).scores(&[-3e38, 3e38, 0.0]), [1.0, 0.0]);
        assert_eq!(labels(Problem::MultiLabel).scores(&[-3e38, -3e38, 3e38]), [0.0, 1.0]);
    }

    #[test]
    fn a_number_is_no_label() {
        let one = ["LABEL_0".to_owned()];
        assert!(Labels::new(&one, Problem::SingleLabel).is_err());
        assert!(Labels::new(&one, Problem::Regression).is_err());
        assert_eq!(Labels::new(&one, Problem::MultiLabel).unwrap().scores(&[0.0]), [0.5]);
    }
}
