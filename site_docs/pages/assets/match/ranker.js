// kb/matching/features.py and kb/matching/ranker.py: ranks entries by the words of a text.
"use strict";
(() => {
  const { pattern, matchAt, table } = clearpay;
  const constant = (name) => table("ranker", name);
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
    const { words: rows } = clearpay.knowledge.index;
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
    const weights = [...counts].map(([term, count]) => [term, repeated[Math.min(count, repeated.length - 1)] * rows[term][0]]);
    const length = Math.sqrt(weights.reduce((sum, [, weight]) => sum + weight * weight, 0));
    for (const [term, weight] of weights) vector.set(term, weight / length);
  }

  /** Return the score of each entry, the features, and how likely a text is about any entry. */
  function scoresOf(text) {
    const { index } = clearpay.knowledge;
    const plain = normalized(text);
    const words = tokensOf(plain).slice(0, feature("MAX_TERMS"));
    if (words.length < constant("MIN_WORDS")) return { scores: new Map(), vector: new Map(), confidence: 0 };
    const vector = vectorOf(words, marksOf(plain, index.layers));
    const scores = new Map();
    let gate = 0;
    for (const [term, weight] of vector) {
      const row = index.words[term];
      gate += weight * row[1];
      for (let at = 2; at < row.length; at += 2) scores.set(row[at], (scores.get(row[at]) ?? 0) + weight * row[at + 1]);
    }
    const top = scores.size ? Math.max(...scores.values()) : 0;
    const decided = (index.bias + gate) / constant("GATE_SCALE") + constant("TOP_WEIGHT") * top;
    return { scores, vector, confidence: 1 / (1 + Math.exp(-Math.max(-30, Math.min(30, decided)))) };
  }

  /** Rank entries by the words of a text; none if it is about none. */
  function rank(text, isPart) {
    const { scores, vector, confidence } = scoresOf(text);
    const minimum = constant(isPart ? "MIN_CONFIDENCE_OF_PART" : "MIN_CONFIDENCE");
    const { index } = clearpay.knowledge;
    if (!scores.size || confidence < minimum || isCommit(text) || mentions(text.toLowerCase(), index.other_errors, new Set())) return [];
    const top = Math.max(...scores.values());
    const leader = Math.min(...[...scores].filter(([, score]) => score === top).map(([entry]) => entry));
    if (rareWords(leader, vector, index) < constant("MIN_RARE_WORDS")) return [];
    const best = [...scores].filter(([, score]) => score >= constant("NEAR_TOP") * top).sort((a, b) => b[1] - a[1]);
    return best.map(([entry, score]) => ({
      entry, strength: (constant("MAX_STRENGTH") * confidence * score) / top, why: why(entry, vector, index),
    }));
  }

  function rareWords(entry, vector, index) {
    const rows = [...vector.keys()].filter((term) => /^\p{L}+$/u.test(term)).map((term) => index.words[term]);
    return rows.filter((row) => row[0] >= constant("RARE") && row.some((value, at) => at > 1 && at % 2 === 0 && value === entry)).length;
  }

  function why(entry, vector, index) {
    const shares = [];
    for (const [term, weight] of vector) {
      const row = index.words[term];
      if (!/^\p{L}{2,}$/u.test(term)) continue;
      let owned = 0;
      for (let at = row.length - 2; at >= 2; at -= 2) if (row[at] === entry) owned = row[at + 1];
      if (weight * owned * row[0]) shares.push([term, weight * owned * row[0]]);
    }
    shares.sort(([a, heavy], [b, light]) => light - heavy || (a < b ? -1 : 1));
    return `has the words ${shares.slice(0, constant("MAX_QUOTED")).map(([term]) => term).join(", ")}`;
  }

  const isCommit = (text) => matchAt(pattern("features", "COMMIT"), text.toLowerCase(), 0) !== null;

  /** Return true if a text reports an error; one of another language counts as a report. */
  function isReport(text) {
    if (/(?![\x00-\x7f])\p{L}/u.test(text)) return true;
    if (isCommit(text)) return false;
    const { vector, confidence } = scoresOf(text);
    const known = [...vector.keys()].filter((term) => /^\p{L}+$/u.test(term)).length;
    return known < constant("MIN_KNOWN_WORDS") || confidence >= constant("MIN_CONFIDENCE_OF_PROOF");
  }

  Object.assign(clearpay, { mentions, withoutPlaces, rank, isReport, scoresOf });
})();
