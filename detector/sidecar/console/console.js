"use strict";
const by = (id) => document.getElementById(id);
const plain = (word) => String(word ?? "?").replaceAll("_", " ");
const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
const EFFECTS = { prohibited: "bad", needs_authorisation: "authorise", hold: "unsure", conditions: "conditions", allow: "good" };
const CAMERAS = { mobile: "bad", fixed: "good", unknown: "unsure" };
const STATES = { live: "good", connecting: "unsure", stale: "bad", gone: "bad" };
const EVERY = 1000, KEPT = 300, CALLS = 500, SHOWN = 100;

const traces = new Map();
let sources = [], calls = [], chosen = null, chart = null, token = sessionStorage.getItem("token");

/* An element with text and children; text is never taken for HTML. */
function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

const word = (kind, text) => make("span", { class: `word ${kind ?? ""}` }, plain(text));

// --- asking -----------------------------------------------------------------------------------------------------------

async function ask(path) {
  const answer = await fetch(path, { headers: token ? { authorization: `Bearer ${token}` } : {} });
  if (answer.status === 401) { if (!by("ask").open) by("ask").showModal(); throw new Error("the service asks for its token"); }
  return answer;
}

function trouble(text) {
  by("trouble").hidden = !text;
  by("trouble").textContent = text ?? "";
}

async function look() {
  try {
    sources = await (await ask("/v1/sources")).json();
    const ready = await (await ask("/readyz")).json();
    for (const source of sources) trace(source);
    const why = ready.record ? `the record cannot be written: ${ready.record}` : ready.reload ? `the site file was not taken: ${ready.reload}` : null;
    trouble(why);
    by("state").replaceChildren(word(ready.ready ? "good" : "unsure", ready.ready ? "ready" : "not ready"), ` by ${ready.policy.join(", ")}`);
    showSources();
  } catch (error) {
    by("state").replaceChildren(word("bad", "no answer"));
    trouble(`facewarden does not answer (${error.message}): what stands here is old, and every gate is shut.`);
  }
  setTimeout(look, EVERY);
}

async function listen() {
  try {
    const reader = (await ask("/v1/events?latest=1")).body.pipeThrough(new TextDecoderStream()).getReader();
    calls = [];
    for (let text = "", part = await reader.read(); !part.done; part = await reader.read()) {
      const blocks = (text + part.value).split("\n\n");
      text = blocks.pop();
      blocks.forEach(hear);
      showCalls();
    }
  } catch { /* the other question tells of it */ }
  setTimeout(listen, EVERY);
}

function hear(block) {
  const lines = block.split("\n"), kind = lines.find((line) => line.startsWith("event: "))?.slice(7);
  if (kind !== "decision") return;
  calls.unshift(JSON.parse(lines.filter((line) => line.startsWith("data: ")).map((line) => line.slice(6)).join("\n")));
  calls.length = Math.min(calls.length, CALLS);
}

// --- sources ----------------------------------------------------------------------------------------------------------

function trace(source) {
  const points = traces.get(source.source) ?? [], evidence = source.mobility.evidence ?? {};
  points.push([Date.now(), evidence.moves ?? null, evidence.still ?? null, source.environment.evidence?.faces ?? null]);
  if (points.length > KEPT) points.shift();
  traces.set(source.source, points);
}

function camera(source) {
  const { value = "unknown", mount = "unknown", confidence = 0, mount_confidence: sure = 0 } = source.mobility;
  const likely = !["unknown", value].includes(mount) ? `, likely ${mount} ${sure.toFixed(2)}` : "";
  return make("span", {}, word(CAMERAS[value], value), ` ${confidence.toFixed(2)}${likely}`);
}

function environment(source) {
  return source.environment.consistent_with_controlled ? "could be controlled" : source.environment.value ?? "unknown";
}

function coverage(source) {
  const { frames = 0, analysed = 0, skipped = 0, dropped = 0, unreadable = 0 } = source.coverage;
  return frames ? `${analysed} of ${frames} (${skipped} skipped, ${dropped} dropped, ${unreadable} unreadable), ${source.looking ?? "full"}` : "none yet";
}

function sourceRow(source) {
  const name = make("button", { type: "button", class: "name", "aria-pressed": String(source.source === chosen), "data-source": source.source }, source.source);
  const age = source.last_picture === null || source.last_picture === undefined ? "none yet" : `${source.last_picture.toFixed(1)} s ago`;
  const cells = [name, word(STATES[source.state], source.state), camera(source), environment(source), String(source.environment.evidence?.faces ?? 0).replace("-1", "?"), age, coverage(source), source.unseen ?? source.problem ?? ""];
  return make("tr", {}, ...cells.map((cell) => make("td", {}, cell)));
}

function showSources() {
  const form = by("source-filters").elements, text = form.text.value.toLowerCase(), focused = document.activeElement?.dataset?.source;
  const wanted = sources.filter((source) => (!form.camera.value || (source.mobility.value ?? "unknown") === form.camera.value)
    && (!form.state.value || source.state === form.state.value) && (!text || JSON.stringify(source).toLowerCase().includes(text)));
  by("sources").replaceChildren(...wanted.map(sourceRow));
  if (focused) by("sources").querySelector(`[data-source="${CSS.escape(focused)}"]`)?.focus();
  const text2 = `${wanted.length} of ${sources.length} sources`;
  if (by("source-count").textContent !== text2) by("source-count").textContent = text2;
  showTrace();
}

function showTrace() {
  const source = sources.find((one) => one.source === chosen);
  by("trace").hidden = !source;
  if (!source) return;
  by("trace-title").textContent = `What ${source.source} shows`;
  const { decided_at: since, evidence = {} } = source.mobility;
  const most = Object.entries(evidence).filter(([name]) => name.includes(":")).map(([name, number]) => `${name} ${number.toFixed(1)}`).join(", ");
  by("trace-text").replaceChildren(camera(source), since === null || since === undefined ? ", not decided yet" : `, since ${since.toFixed(1)} s of its stream`, most ? `. What counted most: ${most}.` : ".");
  by("trace-events").replaceChildren(...(source.events ?? []).slice(-20).reverse().map((text) => make("li", {}, text)));
  draw(source);
}

function draw(source) {
  const ink = colour("ink"), points = traces.get(source.source), rule = { lineStyle: { color: colour("line") } };
  by("chart").setAttribute("aria-label", `Motion of ${source.source}: all moves ${Math.round(100 * (points.at(-1)[1] ?? 0))} %, background stands ${Math.round(100 * (points.at(-1)[2] ?? 0))} %`);
  chart ??= echarts.init(by("chart"), null, { renderer: "svg" });
  const line = (name, column, kind, axis) => ({ name, type: "line", yAxisIndex: axis, showSymbol: false, itemStyle: { color: colour(kind) }, lineStyle: { type: column === 2 ? "dashed" : "solid" },
    data: points.map((point) => [point[0], point[column] === null || point[column] < 0 ? null : axis ? point[column] : 100 * point[column]]) });
  chart.setOption({
    animation: false, textStyle: { color: ink }, legend: { top: 0, textStyle: { color: ink } }, tooltip: { trigger: "axis" }, grid: { left: 50, right: 50, top: 40, bottom: 30 },
    xAxis: { type: "time", axisLabel: { color: ink }, splitLine: rule },
    yAxis: [{ name: "%", max: 100, axisLabel: { color: ink }, splitLine: rule }, { name: "faces", minInterval: 1, axisLabel: { color: ink }, splitLine: { show: false } }],
    series: [line("all moves", 1, "bad", 0), line("background stands", 2, "good", 0), line("faces", 3, "conditions", 1)],
  });
}

// --- decisions --------------------------------------------------------------------------------------------------------

function reason(call) {
  const rules = call.deciding ?? [], unknown = call.unknown ?? [];
  return [rules.join(", "), unknown.length ? `not known: ${unknown.join(", ")}` : ""].filter(Boolean).join("; ");
}

function callRow(call) {
  const button = make("button", { type: "button", "aria-label": `why: ${plain(call.effect)}, ${call.source ?? "no known source"}` }, "why");
  button.addEventListener("click", () => details(call));
  const cells = [new Date(call.time).toLocaleTimeString(), word(EFFECTS[call.effect], call.effect), call.source ?? "?", plain(call.service), plain(call.task), reason(call), button];
  return make("tr", {}, ...cells.map((cell) => make("td", {}, cell)));
}

function showCalls() {
  const form = by("decision-filters").elements, text = form.text.value.toLowerCase();
  const wanted = calls.filter((call) => (!form.effect.value || call.effect === form.effect.value) && (!text || JSON.stringify(call).toLowerCase().includes(text)));
  by("calls").replaceChildren(...wanted.slice(0, SHOWN).map(callRow));
  by("decision-count").textContent = `${wanted.length} of the latest ${calls.length} decisions`;
}

function details(call) {
  by("details-title").replaceChildren(word(EFFECTS[call.effect], call.effect), ` ${call.source ?? "no known source"}, ${new Date(call.time).toLocaleString()}`);
  const list = (title, texts) => texts.length ? [make("p", {}, make("b", {}, title)), make("ul", {}, ...texts.map((one) => make("li", {}, one)))] : [];
  by("details-body").replaceChildren(
    make("p", {}, call.refused ? "The call was refused." : "The call was let through."),
    ...list("By rule:", call.deciding ?? []), ...list("What is not known, and would settle it:", call.unknown ?? []),
    ...list("The facts it rests on:", Object.entries(call.known ?? {}).map(([name, value]) => `${name}: ${plain(value)}`)),
    ...list("By the packs:", Object.entries(call.packs ?? {}).map(([name, digest]) => `${name}, sha256 ${digest}`)),
    make("p", {}, call.id ? `Its id: ${call.id}` : ""));
  by("details").showModal();
}

by("sources").addEventListener("click", (event) => {
  const name = event.target.closest("button")?.dataset.source;
  if (name) { chosen = chosen === name ? null : name; showSources(); }
});
for (const [id, show] of [["source-filters", showSources], ["decision-filters", showCalls]]) {
  by(id).addEventListener("input", show);
  by(id).addEventListener("submit", (event) => event.preventDefault());
}
by("token-form").addEventListener("submit", (event) => {
  event.preventDefault();
  token = new FormData(event.target).get("token");
  sessionStorage.setItem("token", token);
  event.target.reset();
  by("ask").close();
});
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => { chart?.dispose(); chart = null; showTrace(); });
addEventListener("resize", () => chart?.resize());
look();
listen();
