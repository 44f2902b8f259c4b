// kb/matching/matcher.py: ranks the entries that a text shows.
"use strict";
(() => {
  const { clean, parse, signalsOf, wordSignals, isProposal, table } = clearpay;
  const constant = (name) => table("matcher", name);

  /** Rank the entries that a text shows; none for an unrelated text. */
  function match(text, limit = 5) {
    const { index } = clearpay.knowledge;
    const parsed = parse(clean(text));
    const signals = signalsOf(parsed, index);
    const proposal = isProposal(parsed, index);
    const proves = (signal) => signal.sign && (signal.strength > constant("PROPOSAL_MIN_STRENGTH") || !proposal);
    const proven = new Set(signals.filter(proves).map((signal) => signal.entry));
    if (proven.size) {
      const groups = byEntry(signals).filter(([signal]) => proven.has(signal.entry));
      return firstCauses(groups.map((group) => matchOf(group, parsed, index)), parsed).slice(0, limit);
    }
    if (proposal) return [];
    const groups = byEntry([...signals, ...wordSignals(parsed, index)]);
    const likely = groups.map((group) => matchOf(group, parsed, index)).filter((match) => match.score >= constant("MIN_SCORE"));
    return likely.sort((a, b) => b.score - a.score || (a.entry < b.entry ? -1 : 1)).slice(0, limit);
  }

  function byEntry(signals) {
    const groups = new Map();
    for (const signal of [...signals].sort((a, b) => b.strength - a.strength)) {
      if (!groups.has(signal.entry)) groups.set(signal.entry, []);
      groups.get(signal.entry).push(signal);
    }
    return [...groups.values()];
  }

  /** Build the match of one entry from its signals, the strongest first. */
  function matchOf(signals, parsed, index) {
    const entry = index.entries[signals[0].entry];
    const kinds = new Set(signals.map((signal) => signal.kind)).size;
    const doubt = (1 - signals[0].strength) * constant("FURTHER_KIND") ** (kinds - 1);
    const signs = [...new Set(signals.map((signal) => signal.sign).filter(Boolean))];
    const lines = signals.filter((signal) => signal.line && (signal.sign || !signs.length)).map((signal) => signal.line);
    return {
      entry: entry.id,
      title: entry.title,
      score: rounded(1 - doubt),
      why: [...new Set(signals.map((signal) => signal.why))].slice(0, constant("MAX_REASONS")),
      signs,
      line: lines.reduce((best, line) => (placeOf(parsed, line) < placeOf(parsed, best) ? line : best), lines[0] ?? 0),
      holes: Object.assign({}, ...[...signals].reverse().map((signal) => signal.holes)),
      proves: signs.length > 0,
    };
  }

  /** Round to three places, ties to even, as Python does. Only odd sixteenths can be ties. */
  function rounded(value) {
    const floor = Math.floor(value * 1000);
    return Math.abs(value * 16) % 2 === 1 ? (floor + (floor % 2)) / 1000 : Number(value.toFixed(3));
  }

  const placeOf = (parsed, line) => parsed.order.at(line - 1);

  /** Order matches by time, then by strength; a later error never scores above an earlier one. */
  function firstCauses(matches, parsed) {
    const ordered = [...matches].sort(
      (a, b) => placeOf(parsed, a.line) - placeOf(parsed, b.line) || b.score - a.score || (a.entry < b.entry ? -1 : 1),
    );
    let ceiling = 1;
    return ordered.map((match) => ({ ...match, score: (ceiling = Math.min(ceiling, match.score)) }));
  }

  Object.assign(clearpay, { match });
})();
