// What the policy says, what this visitor chose, and what follows from both.
const script = document.currentScript;
const base = new URL(".", script.src).href;
const told = script.dataset;
const KEY = "servanda";
const DAY = 864e5;
const names = Object.keys(RULES.categories);
const gpc = navigator.globalPrivacyControl === true;
const place = told.place || RULES.place;
const optOut = RULES.optOut.some((each) => place === each || place.startsWith(each + "-"));
const preview = "preview" in told;
const language = (told.lang || document.documentElement.lang || navigator.language).slice(0, 2).toLowerCase();

// Where a browser keeps nothing, this page remembers.
const memory = {};
const read = (key) => {
  try {
    return JSON.parse(localStorage.getItem(key)) || memory[key];
  } catch {
    return memory[key];
  }
};
const keep = (key, value) => {
  memory[key] = value;
  try {
    if (!preview) localStorage.setItem(key, JSON.stringify(value));
  } catch {}
};

let kept = preview ? null : read(KEY);
if (!kept || !kept.choices) kept = null;
const age = kept ? Date.now() - kept.at : 0;
const refused = kept && names.some((each) => !kept.choices[each]);
// California: who refused is not asked again for a year, whatever was changed.
const rests = optOut && refused && age < 365 * DAY;
// The signal counts while it is there. A choice made beside it outranks it; an older one does not.
const signalled = kept && (kept.how === "gpc" ? !gpc : gpc && !kept.gpc);
const valid = kept && !signalled && (rests || (kept.revision === RULES.revision && age >= 0 && age < RULES.days * DAY));

const choices = {};
for (const each of names) {
  choices[each] = valid ? kept.choices[each] === true : optOut && !gpc && (!kept || kept.choices[each] === true);
}
