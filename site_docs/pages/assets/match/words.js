// kb/matching/words.py and kb/matching/word_signals.py: how a person tells it who does not know the error's name.
"use strict";
(() => {
  const { closeness, pattern, table, mapping, tellsOfTrouble } = clearpay;
  const STOP = new Set(table("words", "STOP"));
  const SAME = mapping("words", "SAME");
  const PHRASES = mapping("words", "PHRASES");
  const NUMBERS = new Set(table("words", "NUMBERS"));
  const of = (name) => table("word_signals", name);

  /** Each telling word of a text twice: as it is compared and as it is written. */
  function* wordsOf(text) {
    const plain = text.replace(pattern("words", "FRAME", "g"), " ").replace(pattern("words", "CAMEL", "g"), "$1 $2");
    const said = plain.toLowerCase().match(pattern("words", "TOKEN", "g")) ?? [];
    for (const [at, word] of said.entries()) {
      const two = `${word} ${said[at + 1] ?? ""}`;
      if (PHRASES.has(two)) yield [stem(PHRASES.get(two)), two];
      const compared = comparedAs(word);
      if (compared) yield [compared, word];
    }
  }

  function comparedAs(word) {
    if (NUMBERS.has(word)) return SAME.get(word) ?? word;
    if (word.length === 1 || STOP.has(word) || !/^[a-z]+$/.test(word.replaceAll("_", ""))) return "";
    return stem(SAME.get(word) ?? word);
  }

  function stem(word) {
    const least = table("words", "SHORTEST");
    const ending = table("words", "ENDINGS").find((end) => word.endsWith(end) && word.length - end.length >= least);
    return ending ? word.slice(0, -ending.length) : word;
  }

  /** The clues of a short text's words, by titles, samples, templates and summaries. */
  function wordClues(reading, index) {
    const found = [...wordsOf(reading.bare)];
    if (!found.length || found.length > of("WORDS_MAX") || namesAnotherError(reading, index)) return [];
    const said = new Map([...found].reverse());
    const terms = new Set([...said.keys(), ...found.slice(1).map(([word], at) => `${found[at][0]} ${word}`)]);
    const weighed = new Map();
    for (const term of terms) {
      for (const [entry, weight] of postings(index, term)) {
        if (!weighed.has(entry)) weighed.set(entry, new Map());
        weighed.get(entry).set(term, weight * rarity(term, index));
      }
    }
    const clues = [...weighed].map(([entry, weights]) => {
      const close = closeness(reading, index, index.entries[entry].layer);
      return clue(entry, weights, said, scale(reading, index, [...said.keys()], close));
    });
    return clues.filter((one) => one.strength);
  }

  const postings = (index, term) => (Object.hasOwn(index.words, term) ? index.words[term] : []);
  const sum = (values) => [...values].reduce((total, value) => total + value, 0);

  function rarity(term, index) {
    const knownBy = sum(postings(index, term).map(([, weight]) => Math.min(1, weight)));
    return Math.log((1 + index.entries.length) / Math.max(1, knownBy));
  }

  function scale(reading, index, said, close) {
    const rarest = Math.log(1 + index.entries.length);
    const known = said.filter((word) => postings(index, word).length);
    const strange = said.filter((word) => !postings(index, word).length && /^\p{L}+$/u.test(word)).length;
    const unknown = close === 1 ? of("UNKNOWN") : of("UNKNOWN_ELSEWHERE");
    const total = sum(known.map((word) => rarity(word, index))) + strange * rarest * unknown;
    const best = bestOf(reading, close) * (tellsOfTrouble(reading, index) ? 1 : of("CALM"));
    return { total, enough: of("ENOUGH") * rarest, best };
  }

  function bestOf(reading, close) {
    if (reading.isPrinted) return close === 1 ? of("BEST_IN_LOG") : 0;
    return of("BEST") * close;
  }

  function namesAnotherError(reading, index) {
    if (reading.signs.some((sign) => sign.kind === "sqlstate")) return true;
    if (index.other_errors.some((phrase) => reading.folded.lower.includes(phrase))) return true;
    return reading.isPrinted && index.consequences.some((phrase) => reading.folded.lower.includes(phrase));
  }

  function clue(entry, weights, said, measure) {
    const known = [...weights].filter(([term]) => said.has(term));
    const part = sum(known.map(([, weight]) => weight)) / measure.total;
    const telling = Math.min(1, sum(weights.values()) / measure.enough) ** 0.5;
    let strength = measure.best * telling * Math.min(1, of("KNOWN_ENOUGH") * part);
    if (known.length < Math.min(of("LEAST_WORDS"), said.size)) strength = 0;
    known.sort(([a, heavy], [b, light]) => light - heavy || (a < b ? -1 : 1));
    const shown = known.slice(0, of("SHOWN")).map(([term]) => said.get(term));
    return { entry, kind: "words", strength, line: 0, why: `has the words ${shown.join(", ")}`, sign: "", holes: {} };
  }

  Object.assign(clearpay, { wordClues });
})();
