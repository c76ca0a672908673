"use strict";
const data = JSON.parse(document.getElementById("data").textContent);
const EFFECTS = ["prohibited", "needs_authorisation", "hold", "conditions", "allow"];
const SHAPES = { prohibited: "rect", needs_authorisation: "diamond", hold: "triangle", conditions: "emptyCircle", allow: "circle" };
const PAGE = 100;
const named = (effect) => data.named[effect] ?? plain(effect);
const plain = (word) => String(word ?? "?").replaceAll("_", " ");
const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
const effect = (call) => data.decisions[call.decision].effect;

function clock(seconds) {
  if (seconds === null || seconds === undefined) return "unknown";
  if (seconds < 60) return `${seconds.toFixed(1)} s`;
  const hours = Math.floor(seconds / 3600), minutes = Math.floor(seconds / 60) % 60, rest = (seconds % 60).toFixed(1).padStart(4, "0");
  return hours ? `${hours}:${String(minutes).padStart(2, "0")}:${rest}` : `${minutes}:${rest}`;
}

/* An element with text and children; text is never taken for HTML. */
function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

// --- time lines -------------------------------------------------------------------------------------------------------

const KNOWN = { mobile: "prohibited", fixed: "allow", unknown: "soft", uncontrolled: "prohibited", consistent: "allow" };
const LANES = ["no picture", "environment", "camera, to a gate"];

function spans(timeline) {
  const lane = (span, row, word) => ({ name: word, value: [row, span.since, span.until], itemStyle: { color: colour(KNOWN[word]) } });
  return [
    ...timeline.spans.map((span) => lane(span, 2, span.camera)),
    ...timeline.spans.map((span) => lane(span, 1, span.environment)),
    ...timeline.gaps.map((gap) => ({ name: "no picture", value: [0, gap.since, gap.until], itemStyle: { color: colour("soft") } })),
  ];
}

function bar(params, api) {
  const [start, end] = [api.coord([api.value(1), api.value(0)]), api.coord([api.value(2), api.value(0)])];
  const height = api.size([0, 1])[1] * 0.7;
  const shape = echarts.graphic.clipRectByRect(
    { x: start[0], y: start[1] - height / 2, width: Math.max(end[0] - start[0], 1), height },
    { x: params.coordSys.x, y: params.coordSys.y, width: params.coordSys.width, height: params.coordSys.height });
  return shape && { type: "rect", shape, style: { fill: api.visual("color"), stroke: colour("paper") },
    textContent: { style: { text: shape.width > 70 ? params.name ?? "" : "", fill: colour("paper") } }, textConfig: { position: "inside" } };
}

function calls(name) {
  return EFFECTS.map((one) => ({
    name: named(one), type: "scatter", xAxisIndex: 0, yAxisIndex: 1, symbol: SHAPES[one], symbolSize: 10, large: true, largeThreshold: 4000,
    itemStyle: { color: colour(one) },
    data: data.calls.flatMap((call, number) => call.source === name && call.at !== null && effect(call) === one ? [[call.at, named(one), number]] : []),
  })).filter((series) => series.data.length);
}

const LINES = ["all moves", "background stands", "light", "faces", "turned away"];

function line(timeline, title, key, grid, scale = 1) {
  return { name: title, type: "line", xAxisIndex: grid, yAxisIndex: grid + 1, showSymbol: timeline.samples.length < 3, step: "end", lineStyle: { width: 1.5 },
    data: timeline.samples.map((sample) => [sample.at, sample[key] === undefined || sample[key] === null ? null : sample[key] * scale]) };
}

function chart(element) {
  const answer = data.sources[element.dataset.source], timeline = answer.timeline;
  const ink = colour("ink"), rule = { lineStyle: { color: colour("line") } }, end = timeline.spans.at(-1)?.until ?? 1;
  const present = EFFECTS.filter((one) => data.calls.some((call) => effect(call) === one)).map(named);
  const axis = (grid) => ({ gridIndex: grid, type: "value", min: 0, max: end, axisLabel: { color: ink, formatter: clock, show: grid === 2 }, splitLine: rule });
  const number = (grid, name, max) => ({ gridIndex: grid, type: "value", name, max, nameTextStyle: { color: ink, align: "left" }, axisLabel: { color: ink }, splitLine: rule, splitNumber: 2 });
  const drawn = echarts.init(element, null, { renderer: "svg" });
  drawn.setOption({
    animation: false,
    aria: { enabled: true, decal: { show: false } },
    textStyle: { color: ink },
    color: [colour("prohibited"), colour("allow"), colour("conditions"), colour("needs_authorisation"), colour("hold")],
    legend: { top: 0, textStyle: { color: ink }, type: "scroll", data: [...present, ...LINES] },
    tooltip: { trigger: "item", formatter: (one) => tip(one) },
    grid: [{ top: 34, height: 70, left: 130, right: 20 }, { top: 204, height: 80, left: 130, right: 20 }, { top: 320, height: 80, left: 130, right: 20 },
      { top: 108, height: 66, left: 130, right: 20 }],
    xAxis: [axis(0), axis(1), axis(2), axis(3)],
    yAxis: [
      { gridIndex: 0, type: "category", data: LANES, axisLabel: { color: ink }, splitLine: { show: false } },
      { gridIndex: 3, type: "category", data: [...present].reverse(), axisLabel: { color: ink, fontSize: 10, interval: 0 }, splitLine: { show: true, ...rule } },
      number(1, "motion and what stands, %", 100), number(2, "light (0-255), faces, degrees turned"),
    ],
    dataZoom: [{ type: "slider", xAxisIndex: [0, 1, 2, 3], bottom: 4, height: 22, labelFormatter: clock, textStyle: { color: ink } },
      { type: "inside", xAxisIndex: [0, 1, 2, 3], zoomOnMouseWheel: "ctrl" }],
    series: [
      { name: "known", type: "custom", xAxisIndex: 0, yAxisIndex: 0, renderItem: (params, api) => bar({ ...params, name: spans(timeline)[params.dataIndex].name }, api), encode: { x: [1, 2], y: 0 }, data: spans(timeline) },
      ...calls(answer.source).map((series) => ({ ...series, xAxisIndex: 3, yAxisIndex: 1 })),
      line(timeline, LINES[0], "moves", 1, 100), line(timeline, LINES[1], "still", 1, 100),
      line(timeline, LINES[2], "light", 2), line(timeline, LINES[3], "faces", 2), line(timeline, LINES[4], "turned", 2),
    ],
  });
  drawn.on("click", (one) => { if (one.seriesType === "scatter") details(data.calls[one.data[2]]); });
  addEventListener("resize", () => drawn.resize());
  addEventListener("beforeprint", () => drawn.resize());
}

const escaped = (text) => String(text).replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`);
function tip(one) {
  if (one.seriesType === "custom") return `${escaped(one.name)}: ${clock(one.value[1])} to ${clock(one.value[2])}`;
  if (one.seriesType === "scatter") return `${escaped(one.seriesName)} at ${clock(one.data[0])}; press for the call`;
  return `${escaped(one.seriesName)}: ${one.data[1] === null ? "not assessed" : Math.round(one.data[1] * 10) / 10} at ${clock(one.data[0])}`;
}

function charts() {
  const waiting = new Set(document.querySelectorAll(".chart"));
  const draw = (element) => { if (waiting.delete(element)) chart(element); };
  const watcher = new IntersectionObserver((entries) => entries.filter((entry) => entry.isIntersecting).forEach((entry) => draw(entry.target)), { rootMargin: "300px" });
  waiting.forEach((element) => watcher.observe(element));
  addEventListener("beforeprint", () => [...waiting].forEach(draw));
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => document.querySelectorAll(".chart").forEach((element) => {
    echarts.getInstanceByDom(element)?.dispose(); waiting.add(element); draw(element);
  }));
}

// --- the list of calls ------------------------------------------------------------------------------------------------

const filters = document.getElementById("filters"), list = document.querySelector("#list tbody");
let shown = data.calls, page = 0;

function choices(name, values, word = plain) {
  for (const value of [...new Set(values)].sort()) filters.elements[name].append(make("option", { value }, word(value)));
}

function wanted(call) {
  const decision = data.decisions[call.decision], form = filters.elements, text = form.text.value.toLowerCase();
  return (!form.effect.value || decision.effect === form.effect.value)
    && (!form.source.value || (call.source ?? "?") === form.source.value)
    && (!form.service.value || (call.service ?? "?") === form.service.value)
    && (!form.rule.value || decision.deciding.includes(form.rule.value))
    && (!text || JSON.stringify([call, decision.text, data.facts[call.facts]]).toLowerCase().includes(text));
}

function label(name) {
  return make("span", { class: `effect ${name}` }, make("span", { class: "mark", "aria-hidden": "true" }), named(name));
}

function row(call) {
  const decision = data.decisions[call.decision];
  const button = make("button", { type: "button", "aria-label": `why: ${named(decision.effect)}, ${call.source ?? "?"}, ${clock(call.at)}` }, "why");
  button.addEventListener("click", () => details(call));
  const cells = [label(decision.effect), call.source ?? "?", clock(call.at), plain(call.service), plain(call.task), decision.deciding.join(", "), call.refused ? "refused" : named(call.gate), button];
  return make("tr", {}, ...cells.map((cell) => make("td", {}, cell)));
}

function show() {
  const pages = Math.max(1, Math.ceil(shown.length / PAGE));
  page = Math.min(Math.max(page, 0), pages - 1);
  list.replaceChildren(...shown.slice(page * PAGE, (page + 1) * PAGE).map(row));
  document.getElementById("count").textContent = `${shown.length} of ${data.calls.length} calls`;
  document.getElementById("page").textContent = `page ${page + 1} of ${pages}`;
  document.getElementById("back").disabled = page === 0;
  document.getElementById("next").disabled = page === pages - 1;
}

function items(title, texts) {
  return texts.length ? [make("p", {}, make("b", {}, title)), make("ul", {}, ...texts.map((text) => make("li", {}, text)))] : [];
}

function details(call) {
  const decision = data.decisions[call.decision];
  document.getElementById("details-title").replaceChildren(label(decision.effect), ` ${call.source ?? "no known camera"}, ${clock(call.at)}${call.time ? `, ${call.time}` : ""}`);
  const facts = data.facts[call.facts].map(([, said, origin]) => `${said}${origin ? ` (${origin})` : ""}`);
  const rules = decision.deciding.filter((id) => data.rules[id]).map((id) => `${id}: ${data.rules[id].citation} (${data.rules[id].url})`);
  const gate = call.refused ? "A gate kept it from running." : `A gate in its way, by what was known then: ${named(call.gate)}.`;
  document.getElementById("details-body").replaceChildren(
    make("p", {}, decision.text), make("p", {}, gate, call.note ? ` ${call.note}.` : ""),
    ...(data.pictures[call.picture] ? [make("img", { src: data.pictures[call.picture], alt: "what the camera saw then; faces are blurred" })] : []),
    ...items("It would have been open, had one of these been so:", decision.would_open),
    ...items("What it asks:", decision.obligations), ...items("Declared and seen:", decision.notes),
    ...items("The facts, and where each came from:", facts), ...items("The rules rest on:", rules));
  document.getElementById("details").showModal();
}

choices("effect", data.decisions.map((decision) => decision.effect), named);
choices("source", data.calls.map((call) => call.source ?? "?"));
choices("service", data.calls.map((call) => call.service ?? "?"));
choices("rule", data.decisions.flatMap((decision) => decision.deciding));
filters.addEventListener("input", () => { shown = data.calls.filter(wanted); page = 0; show(); });
filters.addEventListener("submit", (event) => event.preventDefault());
document.getElementById("back").addEventListener("click", () => { page -= 1; show(); });
document.getElementById("next").addEventListener("click", () => { page += 1; show(); });
show();
charts();
document.documentElement.dataset.ready = "true";
