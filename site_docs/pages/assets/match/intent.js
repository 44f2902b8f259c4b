// kb/matching/intent.py: what a text is for, a report of trouble or a plan, a wish or a question.
"use strict";
(() => {
  const { matchAt, mentions, pattern, table, startsWith } = clearpay;

  /** Whether a text proposes, documents or announces a change: what it names did not happen. */
  function plans(reading, index) {
    const { lower } = reading.folded;
    if (matchAt(pattern("intent", "CHANGE"), lower, 0) || mentions(lower, index.wishes)) return true;
    const first = matchAt(pattern("intent", "FIRST"), lower, 0)?.[1];
    if (first && index.plans.includes(first)) return true;
    const asks = index.asks.includes(first) || index.asks.some((said) => said.includes(" ") && lower.includes(said));
    return asks && !has(reading.tokens, index.failures);
  }

  /** Whether anything is wrong by the text's own words. */
  const tellsOfTrouble = (reading, index) => has(reading.tokens, index.trouble);

  function has(tokens, known) {
    const beginnings = known.filter((word) => word.length > table("intent", "WHOLE_WORD"));
    return [...tokens].some((word) => known.includes(word) || startsWith(word, beginnings));
  }

  Object.assign(clearpay, { plans, tellsOfTrouble });
})();
