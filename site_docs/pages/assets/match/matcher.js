// kb/matching/matcher.py: from a text to the entries that it shows, best first.
"use strict";
(() => {
  const { clean, read, cluesOf, wordClues, plans, table } = clearpay;
  const of = (name) => table("matcher", name);

  /** Rank the entries that a text shows; none for a text about something else. */
  function match(text, limit = 5) {
    const { index } = clearpay.knowledge;
    const reading = read(clean(text));
    const clues = cluesOf(reading, index);
    const planned = plans(reading, index);
    const speaks = (clue) => clue.sign && (clue.strength > of("PLANNED") || !planned);
    const proven = new Set(clues.filter(speaks).map((clue) => clue.entry));
    if (proven.size) {
      const groups = grouped(clues).filter(([clue]) => proven.has(clue.entry));
      return firstCauses(groups.map((group) => made(group, reading, index)), reading).slice(0, limit);
    }
    if (planned) return [];
    const groups = grouped([...clues, ...wordClues(reading, index)]);
    const likely = groups.map((group) => made(group, reading, index)).filter((one) => one.score >= of("LEAST"));
    return likely.sort((a, b) => b.score - a.score || (a.entry < b.entry ? -1 : 1)).slice(0, limit);
  }

  function grouped(clues) {
    const groups = new Map();
    for (const clue of [...clues].sort((a, b) => b.strength - a.strength)) {
      if (!groups.has(clue.entry)) groups.set(clue.entry, []);
      groups.get(clue.entry).push(clue);
    }
    return [...groups.values()];
  }

  /** One match of one entry's clues, the strongest first. */
  function made(clues, reading, index) {
    const entry = index.entries[clues[0].entry];
    const kinds = new Set(clues.map((clue) => clue.kind)).size;
    const doubt = (1 - clues[0].strength) * of("DOUBT") ** (kinds - 1);
    const signs = [...new Set(clues.map((clue) => clue.sign).filter(Boolean))];
    const lines = clues.filter((clue) => clue.line && (clue.sign || !signs.length)).map((clue) => clue.line);
    return {
      entry: entry.id,
      title: entry.title,
      score: rounded(1 - doubt),
      why: [...new Set(clues.map((clue) => clue.why))].slice(0, of("WHY_MAX")),
      signs,
      line: lines.reduce((best, line) => (placeOf(reading, line) < placeOf(reading, best) ? line : best), lines[0] ?? 0),
      holes: Object.assign({}, ...[...clues].reverse().map((clue) => clue.holes)),
      proves: signs.length > 0,
    };
  }

  /** To three places, a tie to the even one, as Python rounds. Only odd sixteenths can be ties. */
  function rounded(value) {
    const floor = Math.floor(value * 1000);
    return Math.abs(value * 16) % 2 === 1 ? (floor + (floor % 2)) / 1000 : Number(value.toFixed(3));
  }

  const placeOf = (reading, line) => reading.order.at(line - 1);

  /** By time, then by strength; a later error never scores above the one before it. */
  function firstCauses(matches, reading) {
    const ordered = [...matches].sort(
      (a, b) => placeOf(reading, a.line) - placeOf(reading, b.line) || b.score - a.score || (a.entry < b.entry ? -1 : 1),
    );
    let ceiling = 1;
    return ordered.map((one) => ({ ...one, score: (ceiling = Math.min(ceiling, one.score)) }));
  }

  Object.assign(clearpay, { match });
})();
