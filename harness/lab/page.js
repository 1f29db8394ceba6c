"use strict";
// The page shows the lab's state and its notes. Whatever comes from a client is
// put in as text, never as markup.

const usual = [
  "hop 0: on poll 1, answer: reset",
  "hop 0: on poll 1, answer: close",
  "hop 0: on command 1, forward: close",
  "hop 0: on poll 1, answer: stall",
  "hop 1: on poll 1, answer: close",
];
const most = 400;
const $ = (id) => document.getElementById(id);

function element(name, text, className) {
  const e = document.createElement(name);
  if (text !== undefined) e.textContent = text;
  if (className) e.className = className;
  return e;
}

function rows(body, list, cells) {
  body.replaceChildren(...list.map((item) => {
    const row = element("tr");
    row.append(...cells(item));
    return row;
  }));
}

async function ask(path, body) {
  const answer = await fetch(path, { method: "POST", body });
  $("mistake").textContent = answer.ok ? "" : await answer.text();
  if (answer.ok) show(await answer.json());
}

function clearButton(fault) {
  const cell = element("td");
  const button = element("button", "Clear");
  button.type = "button";
  button.setAttribute("aria-label", "Clear " + fault.text);
  button.addEventListener("click", () => ask("/clear", fault.text));
  cell.append(button);
  return cell;
}

function show(state) {
  $("case").textContent = state.case ? state.case + ": " + state.title : "nothing is running";
  $("ask").hidden = !state.prompt;
  $("answered").hidden = !state.asks;
  if ($("prompt").textContent !== state.prompt) $("prompt").textContent = state.prompt;
  $("trouble").hidden = !state.advice.length;
  $("advice").replaceChildren(...state.advice.map((text) => element("li", text)));
  $("armed").hidden = !state.faults.length;
  $("done").hidden = !state.outcomes.length;
  $("none").hidden = state.verdicts.length > 0;
  $("judged").hidden = !state.verdicts.length;
  $("places").replaceChildren(...state.places.map((text) => element("li", text)));
  rows($("faults"), state.faults, (f) => [element("td", f.text), element("td", f.fired), element("td", f.connections.join(", ")), clearButton(f)]);
  rows($("verdicts"), state.verdicts, (v) => [element("td", v.requirement), element("td", v.level), element("td", v.status, v.status), element("td", v.checked), element("td", v.reason || "")]);
  rows($("outcomes"), state.outcomes, (o) => [element("td", o.case), element("td", o.status, o.status), element("td", o.reason || "")]);
}

let due = 0;
function lookAgain() {
  if (due) return;
  due = setTimeout(async () => {
    due = 0;
    const answer = await fetch("/state");
    if (answer.ok) show(await answer.json());
  }, 300);
}

function note(n) {
  if (n.kind !== "state") {
    const line = element("li", undefined, n.kind);
    line.append(element("time", n.at), document.createTextNode(n.text));
    $("notes").prepend(line);
    while ($("notes").children.length > most) $("notes").lastChild.remove();
  }
  lookAgain();
}

for (const line of usual) {
  $("usual").append(element("option", line));
  const button = element("button", line.replace("hop 0: on ", "").replace("hop 1: on ", "behind the box: "));
  button.type = "button";
  button.addEventListener("click", () => ask("/faults", line));
  $("quick").append(button);
}
$("arm").addEventListener("submit", (event) => {
  event.preventDefault();
  ask("/faults", $("line").value);
});
$("answered").addEventListener("click", () => ask("/answered", ""));
$("call").addEventListener("click", () => ask("/call", ""));
$("end").addEventListener("click", () => ask("/end", ""));
const source = new EventSource("/notes");
source.onmessage = (event) => note(JSON.parse(event.data));
source.onopen = lookAgain;
