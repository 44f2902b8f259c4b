// kb/matching/features.py and kb/matching/wording/report_model.py: how likely a text reports a known error.
"use strict";
(() => {
  const { pattern, table } = clearpay;
  const constant = (name) => table("report_model", name);
  const feature = (name) => table("features", name);
  const tokensOf = (text) => text.match(pattern("features", "TOKEN", "g")) ?? [];

  function normalized(text) {
    const lower = text.replace(pattern("features", "HOLE_OR_FRAME", "g"), " ").toLowerCase();
    const kept = new Set(feature("NUMBERS"));
    return lower.replace(pattern("features", "NUMBER", "g"), (number) => (kept.has(number) ? number : "0"));
  }

  const withoutPlaces = (text) => text.replace(pattern("features", "NO_NAME", "g"), " ");

  /** Return true if a lower-case text has one of the terms: a word as a whole, a phrase anywhere. */
  function mentions(text, terms, tokens = new Set(tokensOf(text))) {
    return terms.some((term) => tokens.has(term) || (!/^[a-z0-9_]+$/.test(term) && text.includes(term)));
  }

  function marksOf(text, layers) {
    const naming = withoutPlaces(text);
    const tokens = new Set(tokensOf(naming));
    const marks = [];
    for (const [layer, lists] of Object.entries(layers)) {
      for (const [kind, terms] of [["own", lists.own], ["other", lists.others], ["word", lists.words]]) {
        if (mentions(naming, terms, tokens)) marks.push(`#${kind} ${layer}`);
      }
    }
    if (text.includes("?")) marks.push("#question");
    return marks;
  }

  /** Return the weight of each known feature of a text. */
  function vectorOf(words, marks) {
    const { rarities: rows } = clearpay.knowledge.model;
    const vector = new Map();
    const terms = [...words, ...words.slice(1).map((word, at) => `${words[at]} ${word}`)];
    for (const several of [terms, words.flatMap(gramsOf)]) addUnit(several, rows, vector);
    for (const mark of marks) if (Object.hasOwn(rows, mark)) vector.set(mark, feature("MARK_WEIGHT"));
    return vector;
  }

  function gramsOf(word) {
    const padded = `^${word}$`;
    const size = feature("GRAM");
    const count = Math.max(1, padded.length - size + 1);
    return Array.from({ length: count }, (_, at) => `~${padded.slice(at, at + size)}`);
  }

  function addUnit(terms, rows, vector) {
    const counts = new Map();
    for (const term of terms) if (Object.hasOwn(rows, term)) counts.set(term, (counts.get(term) ?? 0) + 1);
    const repeated = feature("REPEATED");
    const weights = [...counts].map(([term, count]) => [term, repeated[Math.min(count, repeated.length - 1)] * rows[term]]);
    const length = Math.sqrt(weights.reduce((sum, [, weight]) => sum + weight * weight, 0));
    for (const [term, weight] of weights) vector.set(term, weight / length);
  }

  let weights = null;

  /** Return how likely a text without prefixes of loggers reports a known error, from 0 to 1. */
  function likelihood(text) {
    const { index, model } = clearpay.knowledge;
    const plain = normalized(text);
    const words = tokensOf(plain).slice(0, feature("MAX_TERMS"));
    weights ??= new Map(Object.keys(model.rarities).map((term, at) => [term, model.weights[at]]));
    let logit = model.bias;
    for (const [term, weight] of vectorOf(words, marksOf(plain, index.layers))) logit += weight * weights.get(term);
    const most = constant("MAX_LOGIT");
    return 1 / (1 + Math.exp(-Math.max(-most, Math.min(most, logit / constant("SCALE")))));
  }

  Object.assign(clearpay, { mentions, withoutPlaces, likelihood });
})();
