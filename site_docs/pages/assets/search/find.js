// Ranks the pages of the site for a query as people type it: the matcher of errors, words, phrases and typing errors.
"use strict";
(() => {
  const WEIGHTS = { title: 3, names: 3, headings: 2, messages: 2, spans: 1.5, phrases: 1 };
  const TYPO_FACTOR = 0.7;
  const GAINS = { equal: 1, begins: 0.8, title: 0.6, name: 0.6, names: 0.4, headings: 0.4, messages: 0.35, spans: 0.2, phrases: 0.15 };
  const PAGE_GAINS = { entry: 0.25, group: 0.2 };
  const SCORE_MIN = 0.4;
  const LIMIT = 5;

  const words = (text) => text.toLowerCase().normalize("NFKC").match(/[\p{L}\p{N}]+/gu) ?? [];
  const stem = (word) => (word.length > 4 ? word.replace(/(?:ings?|ed|(?<!s)s)$/, "") : word);
  const phrase = (text) => ` ${words(text).map(stem).join(" ")} `;

  /** Return the texts of a page by kind; a heading is a pair of its anchor and its text. */
  function textsOf(page) {
    return {
      title: [page.title],
      names: page.names ?? [],
      spans: page.spans ?? [],
      headings: (page.headings ?? []).map(([, text]) => text),
      messages: page.messages ?? [],
      phrases: page.phrases ?? [],
    };
  }

  /** Prepare the pages once: the weight of each word in each page, and in how many pages it stands. */
  function prepare(pages) {
    const frequency = new Map();
    const prepared = pages.map((page) => {
      const texts = textsOf(page);
      const weights = new Map();
      for (const [kind, weight] of Object.entries(WEIGHTS)) {
        for (const word of texts[kind].flatMap(words)) {
          weights.set(stem(word), Math.max(weight, weights.get(stem(word)) ?? 0));
        }
      }
      for (const word of weights.keys()) frequency.set(word, (frequency.get(word) ?? 0) + 1);
      const phrases = Object.fromEntries(Object.entries(texts).map(([kind, list]) => [kind, list.map(phrase)]));
      return { page, weights, phrases };
    });
    return { prepared, frequency, rarity: (word) => Math.log(1 + pages.length / frequency.get(word)) };
  }

  /** Return true if one word becomes the other by at most `limit` insertions, deletions, changes or swaps. */
  function near(left, right, limit) {
    if (Math.abs(left.length - right.length) > limit) return false;
    let [before, row] = [[], Array.from({ length: right.length + 1 }, (_, place) => place)];
    for (let i = 1; i <= left.length; i++) {
      const next = [i];
      for (let j = 1; j <= right.length; j++) {
        const same = left[i - 1] === right[j - 1] ? 0 : 1;
        next[j] = Math.min(row[j] + 1, next[j - 1] + 1, row[j - 1] + same);
        if (i > 1 && j > 1 && left[i - 1] === right[j - 2] && left[i - 2] === right[j - 1]) {
          next[j] = Math.min(next[j], before[j - 2] + 1);
        }
      }
      [before, row] = [row, next];
    }
    return row[right.length] <= limit;
  }

  /** Return the known words that a word of the query stands for, with a factor: itself, its prefix, or a typing error. */
  function readings(word, index) {
    const own = stem(word);
    if (index.frequency.has(own)) return { word, known: [own], factor: 1 };
    const known = [...index.frequency.keys()];
    const begun = word.length > 2 ? known.filter((candidate) => candidate.startsWith(own)) : [];
    if (begun.length) return { word, known: begun, factor: 1 };
    if (/\d/.test(word) || word.length < 4) return { word, known: [], factor: 0 };
    const limits = word.length < 7 ? [1] : [1, 2];
    const nearest = limits.map((limit) => known.filter((candidate) => near(own, candidate, limit))).find((list) => list.length);
    return { word, known: nearest ?? [], factor: TYPO_FACTOR };
  }

  /** Return how well the words of the query stand in a page, from 0 to 1. */
  function coverage(page, query, index) {
    let [reached, possible] = [0, 0];
    for (const { known, factor } of query) {
      const rarity = Math.max(...known.map(index.rarity), 0) || Math.log(1 + index.prepared.length);
      const weight = Math.max(...known.map((word) => page.weights.get(word) ?? 0), 0);
      reached += rarity * weight * factor;
      possible += rarity * WEIGHTS.title;
    }
    return possible ? reached / possible : 0;
  }

  /** Return what a page gains because the query stands in it word by word. */
  function literal(page, text) {
    const [title] = page.phrases.title;
    const holds = (kind) => page.phrases[kind].filter((known) => known.includes(text));
    const gains = [0];
    if (title.includes(text)) {
      const gain = title === text ? GAINS.equal : title.startsWith(text) ? GAINS.begins : GAINS.title;
      gains.push(gain + (0.2 * text.length) / title.length);
    }
    if (title.trim().split(" ").every((word) => text.includes(` ${word} `))) gains.push(GAINS.title);
    if (page.phrases.names.includes(text)) gains.push(GAINS.name);
    for (const kind of ["names", "headings", "spans", "phrases"]) if (holds(kind).length) gains.push(GAINS[kind]);
    for (const message of holds("messages")) gains.push(GAINS.messages + (0.25 * text.length) / message.length);
    return Math.max(...gains);
  }

  /** Return the query with its typing errors replaced by the nearest known words. */
  const corrected = (query) => query.map(({ word, known, factor }) => (factor === TYPO_FACTOR ? known[0] ?? word : word)).join(" ");

  let index;

  /** Rank the pages for a query: the best first, each with its page, the reasons, and a heading within it. */
  function find(text) {
    index ??= prepare(clearpay.terms);
    const query = words(text).map((word) => readings(word, index));
    if (!query.length) return [];
    const own = phrase(corrected(query));
    const typed = query.some(({ factor }) => factor === TYPO_FACTOR) ? own : text;
    const matches = new Map(clearpay.match(typed).map((match) => [`errors/${match.entry}`, match]));
    const ranked = index.prepared.map((candidate) => {
      const match = matches.get(candidate.page.path.split("/", 2).join("/"));
      const gain = match ? match.score * (match.proves ? 1 : 0.4) : 0;
      const found = coverage(candidate, query, index) + literal(candidate, own) + gain;
      const score = found && found + (PAGE_GAINS[candidate.page.kind] ?? 0);
      return { page: candidate.page, score, why: match?.proves ? match.why : [], heading: headingOf(candidate.page, own) };
    });
    const best = ranked.sort((a, b) => b.score - a.score).slice(0, LIMIT);
    return best.filter(({ score }) => score >= SCORE_MIN && score >= best[0].score / 2);
  }

  /** Return the anchor and the text of the heading that the query stands in. */
  function headingOf(page, text) {
    return (page.headings ?? []).find(([, heading]) => phrase(heading).includes(text));
  }

  Object.assign(clearpay, { find });
})();
