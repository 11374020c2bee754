-- Every mention that a stage found, as a table of Amazon Athena over the form `lines` of its results: a line for
-- each mention, and null where nothing is known (`ner` has no labels). Put the bucket of your pipeline in, and the
-- stage's name; Athena reads the folders below too, so the table is always up to date. It leaves out files whose names
-- begin with `_` or `.`, and so the documents that are called so.
CREATE EXTERNAL TABLE IF NOT EXISTS mentions (
  document      string COMMENT 'its key where it came in',
  document_id   string COMMENT 'its own id',
  published     string COMMENT 'the day it says it is of, as 2026-03-12',
  entity_id     string COMMENT 'unique in the document',
  entity_name   string,
  entity_type   string COMMENT 'PER, ORG, LOC, MISC, or one that came with the document',
  mention       string COMMENT 'what the text says there',
  begin_offset  bigint COMMENT 'in code points of the text, from 0',
  end_offset    bigint,
  sentence      bigint COMMENT 'the index of its sentence',
  sentence_text string COMMENT 'of a very long one, what stands around the mention',
  label         string COMMENT 'negative, neutral or positive',
  score         double COMMENT 'positive minus negative, from -1 to 1',
  negative      double,
  neutral       double,
  positive      double
)
ROW FORMAT SERDE 'org.openx.data.jsonserde.JsonSerDe'
LOCATION 's3://RESULTS-BUCKET/enriched/sentiment.lines/';

-- What is said about whom, month by month:
SELECT entity_name, substr(published, 1, 7) AS month, count(*) AS mentions, round(avg(score), 2) AS score
FROM mentions
WHERE label IS NOT NULL
GROUP BY 1, 2
ORDER BY mentions DESC;
