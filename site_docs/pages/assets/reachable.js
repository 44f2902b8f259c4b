// Makes scrollable blocks reachable by keyboard, and names or unnames what the theme does not: the search dialog and the bars of code blocks.
"use strict";
document.addEventListener("DOMContentLoaded", () => {
  const scrollable = ".md-typeset pre > code, .md-typeset__scrollwrap, .cp-now .cp-step, .tabbed-labels";
  for (const block of document.querySelectorAll(scrollable)) {
    block.tabIndex = 0;
  }
  document.querySelector("[data-md-component=search][role=dialog]")?.setAttribute("aria-label", "Search");
  const article = document.querySelector("article");
  if (!article) return;
  // The theme adds the bar of a block when it comes into view. Dozens of landmarks without a name would hide the others.
  const unname = () => {
    for (const bar of article.querySelectorAll("nav.md-code__nav:not([role])")) bar.setAttribute("role", "presentation");
  };
  new MutationObserver(unname).observe(article, { childList: true, subtree: true });
  unname();
});
