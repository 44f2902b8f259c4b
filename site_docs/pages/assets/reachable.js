// Makes scrollable blocks reachable by keyboard and names the search dialog, which the theme does not.
"use strict";
document.addEventListener("DOMContentLoaded", () => {
  for (const block of document.querySelectorAll(".md-typeset pre > code, .md-typeset__scrollwrap, .cp-now .cp-step")) {
    block.tabIndex = 0;
  }
  document.querySelector("[data-md-component=search][role=dialog]")?.setAttribute("aria-label", "Search");
});
