// kb/matching/intent.py: tells an incident report from a proposal or a question.
"use strict";
(() => {
  const { matchAt, mentions, pattern, table, startsWith } = clearpay;

  /** Return true if a text proposes, documents or announces a change, or asks without a word of failure. */
  function isProposal(parsed, index) {
    const { lower } = parsed.folded;
    if (matchAt(pattern("intent", "COMMIT_PREFIX"), lower, 0) || mentions(lower, index.proposal_phrases)) return true;
    const first = matchAt(pattern("intent", "FIRST_WORD"), lower, 0)?.[1];
    if (first && index.change_verbs.includes(first)) return true;
    const asks = index.question_words.includes(first) || index.question_words.some((phrase) => phrase.includes(" ") && lower.includes(phrase));
    return asks && !has(parsed.tokens, index.incident_words);
  }

  /** Return true if a text has a word of failure. */
  const hasFailureWords = (parsed, index) => has(parsed.tokens, index.failure_words);

  function has(tokens, words) {
    const beginnings = words.filter((word) => word.length > table("intent", "MAX_WHOLE_WORD"));
    return [...tokens].some((word) => words.includes(word) || startsWith(word, beginnings));
  }

  Object.assign(clearpay, { isProposal, hasFailureWords });
})();
