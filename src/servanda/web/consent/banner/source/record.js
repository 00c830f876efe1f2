// Google's signals, the record of each choice, and what happens when one is made.
const SIGNALS = {
  analytics: ["analytics_storage"],
  advertising: ["ad_storage", "ad_user_data", "ad_personalization"],
  functional: ["functionality_storage", "personalization_storage"],
};
const signals = (from) => {
  const found = { security_storage: "granted" };
  for (const name in SIGNALS) for (const each of SIGNALS[name]) found[each] = from[name] ? "granted" : "denied";
  return found;
};
window.dataLayer = window.dataLayer || [];
window.gtag = window.gtag || function () {
  window.dataLayer.push(arguments);
};

// A choice that did not arrive waits for the next page. Ten are kept, no more.
const WAITING = KEY + "-waiting";
let sending = false;
const send = async () => {
  if (sending || preview) return;
  sending = true;
  try {
    while ((read(WAITING) || []).length) {
      const answer = await fetched(base + "choice", {
        method: "POST",
        body: JSON.stringify(read(WAITING)[0]),
        headers: { "Content-Type": "application/json" },
        credentials: "omit",
        keepalive: true,
      });
      if (answer.status > 499 || answer.status === 429) break;
      if (answer.ok && kept) {
        kept.receipt = (await answer.json()).receipt;
        keep(KEY, kept);
      }
      keep(WAITING, read(WAITING).slice(1));
    }
  } catch {}
  sending = false;
};

const decide = (next, how) => {
  const gone = names.filter((each) => choices[each] && !next[each]);
  if (how !== "gpc" && kept && names.some((each) => kept.choices[each] && !next[each])) how = "withdrawn";
  Object.assign(choices, next);
  kept = {
    id: (kept && kept.id) || Array.from(crypto.getRandomValues(new Uint8Array(16)), (each) => each.toString(16).padStart(2, "0")).join(""),
    choices: { ...choices },
    how,
    gpc,
    at: Date.now(),
    revision: RULES.revision,
  };
  keep(KEY, kept);
  const { id } = kept;
  const record = { id, choices: kept.choices, how, edition: RULES.edition, notice: RULES.notice, language: texts.language || language, place: place || null, gpc };
  keep(WAITING, [...(read(WAITING) || []), record].slice(-10));
  send();
  apply();
  return gone;
};
const apply = () => {
  window.gtag("consent", "update", signals(choices));
  sweep();
  lookAll(document);
  run();
  document.dispatchEvent(new CustomEvent("servanda:consent", { detail: { ...choices } }));
};
