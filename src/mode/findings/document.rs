//! One enriched document. Its annotations may be anybody's, and the file anything: what doesn't fit together is an
//! error that says what.

use std::{
    collections::{BTreeMap, HashMap, HashSet},
    ops::Range,
};

use serde::de::DeserializeOwned;
use serde_json::value::RawValue;

use crate::{
    config::TaskKind,
    document::contract::{Annotation, Class, EnrichedEntity, Lineage, MentionSentiment, Sentence},
    fields::Fields,
    text::{self, Claim, OffsetUnit},
};

#[derive(Debug)]
pub struct Document {
    pub title: Option<String>,
    /// The day that it is of, as `2026-03-12`.
    pub day: Option<String>,
    pub text: String,
    /// The sentences' bytes.
    pub sentences: Vec<Range<usize>>,
    /// The entities, as the document has them.
    pub entities: Vec<EnrichedEntity>,
    /// The mentions, in the order of the text: those that a `sentiment` stage was asked about, or all of a document
    /// that met none.
    pub mentions: Vec<Mention>,
    /// The labels that `classify` stages give it as a whole, by their names.
    pub labels: BTreeMap<String, Class>,
    /// The stages of Baton's that it went through.
    pub lineage: Vec<Lineage>,
}

/// A mention, and what is said about it.
#[derive(Debug)]
pub struct Mention {
    /// The index of its entity in the document.
    pub entity: usize,
    /// Its bytes in the text.
    pub place: Range<usize>,
    pub sentence: Option<usize>,
    /// What a `sentiment` stage says.
    pub said: Option<MentionSentiment>,
}

/// The fields that every enriched document has.
struct Output {
    text: String,
    offset_unit: OffsetUnit,
    sentences: Vec<Sentence>,
    entities: Vec<EnrichedEntity>,
    annotations: indexmap::IndexMap<String, Box<RawValue>>,
    lineage: Vec<Box<RawValue>>,
}

fn required<T: DeserializeOwned>(fields: &Fields, name: &str) -> Result<T, String> {
    fields.read(name)?.ok_or_else(|| format!("`{name}` is missing"))
}

/// Whether an object's fields are those of an enriched document.
pub fn is_enriched(fields: &Fields) -> bool {
    ["text", "offsetUnit", "sentences", "entities", "annotations", "lineage"]
        .iter()
        .all(|name| fields.has(name))
}

impl Document {
    /// Reads what the `sentiment` stages found, the last of them where several speak of one mention, or what the one of a
    /// name did; without any, the entities alone.
    pub fn read(fields: &Fields, stage: Option<&str>) -> Result<Self, String> {
        let output = Output::of(fields)?;
        let lineage = Lineage::of(&output.lineage);
        let said = match stage {
            None => output.said_by_all(&lineage)?,
            Some(stage) => {
                let said = output.said_by(stage)?;
                Some(said.ok_or_else(|| format!("it has no sentiment of the stage {stage:?}"))?)
            }
        };
        let sentences: Vec<_> = output.sentences.iter().map(|s| s.begin..s.end).collect();
        let sentences = output.inside(&sentences).map_err(|e| format!("sentence {e}"))?;
        let classes = lineage.iter().filter(|line| line.task == TaskKind::Classify.name());
        let labels = classes.filter_map(|line| {
            let class = output.class_by(&line.stage).transpose()?;
            Some(class.map(|class| (line.stage.clone(), class)))
        });
        Ok(Document {
            labels: labels.collect::<Result<_, _>>()?,
            title: fields.read("title").ok().flatten(),
            day: fields.day(),
            mentions: output.mentions(said)?,
            text: output.text,
            sentences,
            entities: output.entities,
            lineage,
        })
    }

    /// The stage whose word on mentions comes first, if any says anything.
    pub fn speaker(&self) -> Option<&str> {
        let mut speakers = self.lineage.iter().rev().filter(|line| line.task == TaskKind::Sentiment.name());
        speakers.next().map(|line| line.stage.as_str())
    }

    /// Adds what another result of the same document says of the whole, and of mentions that this one says nothing of, if
    /// they have the same entities: what is said of others' can't be told of these.
    pub fn absorb(&mut self, other: Document) {
        for (stage, class) in other.labels {
            self.labels.entry(stage).or_insert(class);
        }
        for line in other.lineage {
            if self.lineage.iter().all(|known| known.stage != line.stage) {
                self.lineage.push(line);
            }
        }
        if self.entities != other.entities {
            return;
        }
        let known: HashSet<_> = self.mentions.iter().map(|one| (one.entity, one.place.clone())).collect();
        let is_new = |one: &Mention| one.said.is_some() && !known.contains(&(one.entity, one.place.clone()));
        self.mentions.extend(other.mentions.into_iter().filter(is_new));
        self.mentions.sort_by_key(|mention| (mention.place.start, mention.place.end, mention.entity));
    }

    /// A mention's sentence; empty where it is in none.
    pub fn sentence(&self, mention: &Mention) -> &str {
        let sentence = mention.sentence.and_then(|index| self.sentences.get(index).cloned());
        sentence.map_or("", |range| &self.text[range])
    }
}

impl Output {
    fn of(fields: &Fields) -> Result<Self, String> {
        Ok(Output {
            text: required(fields, "text")?,
            offset_unit: required(fields, "offsetUnit")?,
            sentences: required(fields, "sentences")?,
            entities: required(fields, "entities")?,
            annotations: required(fields, "annotations")?,
            lineage: required(fields, "lineage")?,
        })
    }

    /// What a stage noted; None where it is another tool's.
    fn annotation(&self, stage: &str, task: TaskKind) -> Result<Option<Annotation>, String> {
        let Some(noted) = self.annotations.get(stage) else { return Ok(None) };
        match serde_json::from_str(noted.get()) {
            Ok(annotation) => Ok(Some(annotation)),
            Err(e) if Annotation::task_of(noted) == Some(task) => Err(format!("annotations.{stage}: {e}")),
            Err(_) => Ok(None),
        }
    }

    fn said_by(&self, stage: &str) -> Result<Option<Vec<MentionSentiment>>, String> {
        Ok(match self.annotation(stage, TaskKind::Sentiment)? {
            Some(Annotation::Sentiment { mentions, .. }) => Some(mentions),
            _ => None,
        })
    }

    /// What stages say, of each mention the first that says anything. Of the others than the first, only of entities that are
    /// there.
    fn said_by_all(&self, lineage: &[Lineage]) -> Result<Option<Vec<MentionSentiment>>, String> {
        let all = lineage.iter().rev().filter_map(|line| self.said_by(&line.stage).transpose());
        let mut all = all.collect::<Result<Vec<_>, _>>()?.into_iter();
        let Some(mut said) = all.next() else { return Ok(None) };
        let place = |one: &MentionSentiment| (one.entity.clone(), one.begin, one.end);
        let mut known: HashSet<_> = said.iter().map(place).collect();
        let ids: HashSet<&str> = self.entities.iter().map(|entity| entity.id.as_str()).collect();
        let others =
            all.flatten().filter(|one| ids.contains(one.entity.as_str()) && known.insert(place(one)));
        said.extend(others);
        Ok(Some(said))
    }

    fn class_by(&self, stage: &str) -> Result<Option<Class>, String> {
        Ok(match self.annotation(stage, TaskKind::Classify)? {
            Some(Annotation::Classify { document, .. }) => document.map(|document| document.class),
            _ => None,
        })
    }

    /// Places in the document's own unit, as bytes of the text.
    fn inside(&self, places: &[Range<usize>]) -> Result<Vec<Range<usize>>, String> {
        let claims: Vec<_> =
            places.iter().map(|place| Claim { begin: place.start, end: place.end, text: None }).collect();
        let checked = text::check(&self.text, self.offset_unit, &claims).into_iter().enumerate();
        checked.map(|(i, range)| range.map_err(|e| format!("{i}: {e}"))).collect()
    }

    fn mentions(&self, said: Option<Vec<MentionSentiment>>) -> Result<Vec<Mention>, String> {
        let mut mentions = match said {
            Some(said) => self.classified(said)?,
            None => self.known(),
        };
        let places: Vec<_> = mentions.iter().map(|mention| mention.place.clone()).collect();
        let places = self.inside(&places).map_err(|e| format!("mention {e}"))?;
        mentions.iter_mut().zip(places).for_each(|(mention, place)| mention.place = place);
        mentions.sort_by_key(|mention| (mention.place.start, mention.place.end, mention.entity));
        Ok(mentions)
    }

    /// What a `sentiment` stage found, in the document's own unit.
    fn classified(&self, said: Vec<MentionSentiment>) -> Result<Vec<Mention>, String> {
        let ids = self.entities.iter().enumerate().map(|(i, entity)| (entity.id.as_str(), i));
        let ids: HashMap<&str, usize> = ids.collect();
        let mentions = said.into_iter().map(|said| {
            let entity = ids.get(said.entity.as_str());
            Ok(Mention {
                entity: *entity.ok_or_else(|| format!("it has no entity {:?}", said.entity))?,
                place: said.begin..said.end,
                sentence: Some(said.sentence),
                said: Some(said),
            })
        });
        mentions.collect()
    }

    /// All mentions of the entities, in the document's own unit.
    fn known(&self) -> Vec<Mention> {
        let entities = self.entities.iter().enumerate();
        let mentions = entities.flat_map(|(entity, known)| {
            known.mentions.iter().map(move |mention| Mention {
                entity,
                place: mention.begin..mention.end,
                sentence: mention.sentence,
                said: None,
            })
        });
        mentions.collect()
    }
}
