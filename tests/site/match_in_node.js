// Runs the matcher of the site outside a browser: texts as JSON on standard input, matches on standard output.
"use strict";
const fs = require("fs");
const vm = require("vm");

const [, , ...scripts] = process.argv;
for (const script of scripts) vm.runInThisContext(fs.readFileSync(script, "utf-8"), script);
const texts = JSON.parse(fs.readFileSync(0, "utf-8"));
const answers = texts.map((text) => ({ cleaned: clearpay.clean(text), matches: clearpay.match(text) }));
process.stdout.write(JSON.stringify(answers));
