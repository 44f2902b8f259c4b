// kb/matching/wording/words.py and kb/matching/wording/word_signals.py: matches a text by its words, for people who do not know the error's name.
"use strict";
(() => {
  const { topicWeight, pattern, table, mapping, hasFailureWords } = clearpay;
  const STOP = new Set(table("words", "STOP"));
  const SAME = mapping("words", "SAME");
  const PHRASES = mapping("words", "PHRASES");
  const NUMBERS = new Set(table("words", "NUMBERS"));
  const constant = (name) => table("word_signals", name);

  /** Yield each significant word of a text as it is compared and as it is written. */
  function* wordsOf(text) {
    const plain = text.replace(pattern("words", "FRAME", "g"), " ").replace(pattern("words", "CAMEL", "g"), "$1 $2");
    const written = plain.toLowerCase().match(pattern("words", "TOKEN", "g")) ?? [];
    for (const [at, word] of written.entries()) {
      const two = `${word} ${written[at + 1] ?? ""}`;
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
    const minimum = table("words", "MIN_STEM");
    const ending = table("words", "ENDINGS").find((end) => word.endsWith(end) && word.length - end.length >= minimum);
    return ending ? word.slice(0, -ending.length) : word;
  }

  /** Find the signals of a short text's words, by titles, samples, templates and summaries. */
  function wordSignals(parsed, index) {
    const all = [...wordsOf(parsed.unprefixed)];
    if (!all.length || all.length > constant("MAX_WORDS") || hasAnotherError(parsed, index)) return [];
    const found = all.map(([word, as]) => [spelt(word, index), as]);
    const written = new Map([...found].reverse());
    const terms = new Set([...written.keys(), ...found.slice(1).map(([word], at) => `${found[at][0]} ${word}`)]);
    const weighed = new Map();
    for (const term of terms) {
      const rare = rarity(term, index);
      for (const [entry, weight] of postings(index, term)) {
        if (!weighed.has(entry)) weighed.set(entry, new Map());
        weighed.get(entry).set(term, weight * rare);
      }
    }
    const signals = [...weighed].map(([entry, weights]) => {
      const topic = topicWeight(parsed, index, index.entries[entry].layer);
      return signal(entry, weights, written, scale(parsed, index, [...written.keys()], topic));
    });
    return signals.filter(({ strength }) => strength);
  }

  /** Return a word that no record has with two neighbouring letters swapped, if records have that. */
  function spelt(word, index) {
    if (Object.hasOwn(index.words, word) || word.length < constant("MIN_SWAPPED")) return word;
    for (let at = 0; at < word.length - 1; at += 1) {
      const swap = `${word.slice(0, at)}${word[at + 1]}${word[at]}${word.slice(at + 2)}`;
      if (Object.hasOwn(index.words, swap)) return swap;
    }
    return word;
  }

  /** Return each entry that has a term, with the weight of the term. */
  function postings(index, term) {
    const fields = Object.hasOwn(index.words, term) ? index.words[term].split(" ").map(Number) : [];
    return Array.from({ length: fields.length / 2 }, (_, at) => [fields[2 * at], fields[2 * at + 1]]);
  }

  const sum = (values) => [...values].reduce((total, value) => total + value, 0);

  function rarity(term, index) {
    const knownBy = sum(postings(index, term).map(([, weight]) => Math.min(1, weight)));
    return Math.log((1 + index.entries.length) / Math.max(1, knownBy));
  }

  function scale(parsed, index, words, topic) {
    const rarest = Math.log(1 + index.entries.length);
    const known = words.filter((word) => postings(index, word).length);
    const unknown = words.filter((word) => !postings(index, word).length && /^\p{L}+$/u.test(word)).length;
    const unknownWeight = topic === 1 ? constant("UNKNOWN_WEIGHT") : constant("UNKNOWN_WEIGHT_OFF_TOPIC");
    const total = sum(known.map((word) => rarity(word, index))) + unknown * rarest * unknownWeight;
    const best = maxStrength(parsed, topic) * (hasFailureWords(parsed, index) ? 1 : constant("NO_FAILURE_FACTOR"));
    return { total, enough: constant("FULL_WEIGHT") * rarest, best };
  }

  function maxStrength(parsed, topic) {
    if (parsed.isPrinted) return topic === 1 ? constant("MAX_LOG_STRENGTH") : 0;
    return constant("MAX_STRENGTH") * topic;
  }

  function hasAnotherError(parsed, index) {
    if (parsed.signs.some((sign) => sign.kind === "sqlstate")) return true;
    if (index.other_errors.some((phrase) => parsed.folded.lower.includes(phrase))) return true;
    return parsed.isPrinted && index.consequences.some((phrase) => parsed.folded.lower.includes(phrase));
  }

  function signal(entry, weights, written, measure) {
    const known = [...weights].filter(([term]) => written.has(term));
    const part = sum(known.map(([, weight]) => weight)) / measure.total;
    const distinctive = Math.min(1, sum(weights.values()) / measure.enough) ** 0.5;
    let strength = measure.best * distinctive * Math.min(1, constant("COVERAGE_FACTOR") * part);
    if (known.length < Math.min(constant("MIN_TERMS"), written.size)) strength = 0;
    known.sort(([a, heavy], [b, light]) => light - heavy || (a < b ? -1 : 1));
    const shown = known.slice(0, constant("MAX_QUOTED")).map(([term]) => written.get(term));
    return { entry, kind: "words", strength, line: 0, why: `has the words ${shown.join(", ")}`, sign: "", holes: {} };
  }

  Object.assign(clearpay, { wordSignals });
})();
