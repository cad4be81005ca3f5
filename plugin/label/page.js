"use strict";
// The labelling page. All that it shows comes from the server that it came from; it keeps nothing anywhere else.

const KEYS = ["12345678", "qwertyui", "asdfgjkl", "zxcvb"]; // a row of the keyboard for each axis; h is "hard to see"
const LEAST = 0.004; // of a side: smaller boxes are slips of the mouse
const STEP = 0.004; // of a side, for each press of an arrow
const CORNERS = ["nw", "ne", "sw", "se"];
const $ = (id) => document.getElementById(id);

let set = { frames: [], axes: {}, uncertain: "uncertain", seconds: 0 };
let now = 0; // index of the frame that is shown
let chosen = -1; // index of the person that is chosen
let loaded = Date.now();
let past = []; // what people of this frame were before each change
let waiting = Promise.resolve(); // saves, one after the other
const unsaved = new Set(); // frames that the server does not have yet

const frame = () => set.frames[now];
const person = () => frame()?.people[chosen];
const clamp = (x, low = 0, high = 1) => Math.min(high, Math.max(low, x));

function made(tag, classes, text = "") {
  const one = document.createElement(tag);
  one.className = classes;
  one.textContent = text;
  return one;
}

// Saving

function save() {
  unsaved.add(frame());
  told("saving");
  waiting = waiting.then(saveAll);
}

async function saveAll() {
  try {
    for (const one of [...unsaved]) {
      unsaved.delete(one);
      await post(one).catch((error) => { unsaved.add(one); throw error; });
    }
    told("saved");
  } catch (error) {
    told(`NOT SAVED: ${error.message || "the server does not answer"}`, true); // the next change tries again
  }
}

async function post(one) {
  const body = JSON.stringify({ done: one.done, people: one.people });
  const answer = await fetch(`frames/${one.id}`, { method: "POST", headers: { "Content-Type": "application/json" }, body });
  if (!answer.ok) throw new Error(await answer.text());
  const { seconds } = await answer.json();
  [set.seconds, loaded] = [seconds, Date.now()];
}

function told(text, bad = false) {
  $("saved").textContent = text;
  $("saved").classList.toggle("bad", bad);
}

function changed(change) {
  past.push(JSON.stringify(frame().people));
  change();
  frame().people.forEach((one) => { one.box = one.box.map((side) => Math.round(side * 1e4) / 1e4); });
  save();
  draw();
}

function undo() {
  if (!past.length) return;
  frame().people = JSON.parse(past.pop());
  chosen = Math.min(chosen, frame().people.length - 1);
  save();
  draw();
}

// Showing

function show(number) {
  if (!set.frames.length) return;
  now = clamp(number, 0, set.frames.length - 1);
  past = [];
  chosen = frame().people.length ? 0 : -1;
  $("picture").src = `frames/${frame().id}`;
  $("picture").alt = `frame ${now + 1}, camera ${frame().camera}`;
  const areas = frame().exclude.map((corners) => {
    const area = document.createElementNS("http://www.w3.org/2000/svg", "polygon");
    area.setAttribute("points", corners.map((corner) => corner.join(",")).join(" "));
    return area;
  });
  $("excluded").replaceChildren(...areas);
  fit();
  draw();
  focusChosen();
}

function fit() {
  const view = $("view"), style = getComputedStyle(view);
  const width = view.clientWidth - 2 * parseFloat(style.paddingLeft);
  const height = Math.max(200, view.clientHeight - 2 * parseFloat(style.paddingTop));
  const scale = Math.min(width / frame().width, height / frame().height);
  $("stage").style.width = `${frame().width * scale}px`;
  $("stage").style.height = `${frame().height * scale}px`;
}

function words(one) {
  return Object.keys(set.axes).map((axis) => one.axes?.[axis]).filter((value) => value && value !== set.uncertain && value !== "none").join(", ");
}

function place(element, box) {
  const [left, top, right, bottom] = box;
  Object.assign(element.style, { left: `${100 * left}%`, top: `${100 * top}%`, width: `${100 * (right - left)}%`, height: `${100 * (bottom - top)}%` });
  element.style.zIndex = String(Math.round(1000 * (1 - (right - left) * (bottom - top)))); // small ones above large ones
  element.classList.toggle("low", top < 0.04);
}

function draw() {
  const focused = document.activeElement?.classList.contains("person");
  $("people").replaceChildren(...frame().people.map((one, number) => {
    const element = made("div", "person");
    element.classList.toggle("chosen", number === chosen);
    element.classList.toggle("difficult", Boolean(one.difficult));
    element.dataset.number = String(number);
    element.tabIndex = 0;
    element.setAttribute("role", "button");
    element.setAttribute("aria-label", `Person ${number + 1}: ${words(one) || "nothing said"}${one.difficult ? ", hard to see" : ""}`);
    element.append(made("span", "tag", `${number + 1} ${words(one)}`), ...CORNERS.map((corner) => made("span", `handle ${corner}`)));
    place(element, one.box);
    element.addEventListener("focus", () => choose(number));
    return element;
  }));
  panel();
  if (focused) focusChosen();
}

function choose(number) {
  if (chosen === number) return;
  chosen = number;
  for (const element of $("people").children) element.classList.toggle("chosen", element.dataset.number === String(number));
  panel();
}

function focusChosen() {
  $("people").children[chosen]?.focus({ preventScroll: true });
}

function panel() {
  const one = person(), done = set.frames.filter((each) => each.done).length;
  const left = Math.max(0, set.seconds - (Date.now() - loaded) / 1000);
  const hours = left >= 5400 ? `${Math.round(left / 3600)} h` : `${Math.ceil(left / 60)} min`;
  $("progress").textContent = `${done} of ${set.frames.length} labelled, ${hours} left${done === set.frames.length ? ": all done, they can be scored" : ""}`;
  $("bar").value = done / (set.frames.length || 1);
  $("where").textContent = `${now + 1} of ${set.frames.length} · ${frame().camera} · ${new Date(frame().utc).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit", hour12: false })}`;
  $("previous").disabled = now === 0;
  $("next").disabled = now === set.frames.length - 1;
  $("done").classList.toggle("is", frame().done);
  $("doneword").textContent = frame().done ? "is done; next frame" : "done, next frame";
  $("who").textContent = one ? `Person ${chosen + 1} of ${frame().people.length}` : frame().people.length ? "Nobody chosen" : "Nobody in this frame yet";
  for (const button of $("axes").querySelectorAll("button")) {
    const value = one?.axes?.[button.dataset.axis] ?? "";
    button.disabled = !one;
    button.setAttribute("aria-pressed", String(Boolean(one) && button.dataset.value === value));
  }
  $("difficult").disabled = $("remove").disabled = !one;
  $("difficult").setAttribute("aria-pressed", String(Boolean(one?.difficult)));
  $("undo").disabled = !past.length;
}

// Saying what people do

function choices(axis) {
  return [...set.axes[axis].map((value) => [value, value]), [set.uncertain, "uncertain"], ["", "cannot tell"]];
}

function ask() {
  $("axes").replaceChildren(...Object.keys(set.axes).map((axis, row) => {
    const field = made("fieldset", ""), values = made("div", "values");
    field.append(made("legend", "", axis), values);
    choices(axis).forEach(([value, word], column) => {
      const button = made("button", value === "" || value === set.uncertain ? "doubt" : "");
      const key = KEYS[row]?.[column];
      button.type = "button";
      Object.assign(button.dataset, { axis, value });
      if (key) {
        button.append(made("kbd", "", key), " ");
        button.setAttribute("aria-keyshortcuts", key);
      }
      button.append(word);
      button.addEventListener("click", (event) => {
        say(axis, value);
        if (event.detail) focusChosen(); // by mouse: so that Enter is "done" again, and not this button
      });
      values.append(button);
    });
    return field;
  }));
}

function say(axis, value) {
  const one = person();
  if (!one) return;
  changed(() => {
    one.axes = { ...one.axes, [axis]: value };
    if (value === "") delete one.axes[axis];
  });
}

function hard() {
  const one = person();
  if (one) changed(() => { if (one.difficult) delete one.difficult; else one.difficult = true; });
}

function remove() {
  if (!person()) return;
  changed(() => {
    frame().people.splice(chosen, 1);
    chosen = Math.min(chosen, frame().people.length - 1);
  });
  focusChosen();
}

function add(box = [0.45, 0.4, 0.55, 0.6]) {
  changed(() => {
    frame().people.push({ box, axes: {} });
    chosen = frame().people.length - 1;
  });
  focusChosen();
}

function finish() {
  if (!frame()) return;
  frame().done = true;
  save();
  const after = [...set.frames.keys()].map((i) => (now + 1 + i) % set.frames.length);
  const open = after.find((i) => !set.frames[i].done);
  if (open === undefined) draw();
  else show(open);
}

function nudge(key, corner) {
  const by = { ArrowLeft: [-STEP, 0], ArrowRight: [STEP, 0], ArrowUp: [0, -STEP], ArrowDown: [0, STEP] }[key];
  changed(() => { person().box = corner ? resized(person().box, "se", ...by) : moved(person().box, ...by); });
}

// Boxes under the mouse

function moved([left, top, right, bottom], x, y) {
  const [dx, dy] = [clamp(x, -left, 1 - right), clamp(y, -top, 1 - bottom)];
  return [left + dx, top + dy, right + dx, bottom + dy];
}

function resized([left, top, right, bottom], corner, x, y) {
  if (corner.includes("w")) left = clamp(left + x, 0, right - LEAST); else right = clamp(right + x, left + LEAST, 1);
  if (corner.includes("n")) top = clamp(top + y, 0, bottom - LEAST); else bottom = clamp(bottom + y, top + LEAST, 1);
  return [left, top, right, bottom];
}

function drag(event) {
  if (event.button !== 0 || !frame()) return;
  const area = $("stage").getBoundingClientRect();
  const at = (e) => [clamp((e.clientX - area.left) / area.width), clamp((e.clientY - area.top) / area.height)];
  const start = at(event), over = event.shiftKey ? null : event.target.closest(".person");
  const corner = over && CORNERS.find((one) => event.target.classList.contains(one));
  let box = null, element = over;
  event.preventDefault();
  if (over) {
    choose(Number(over.dataset.number));
    over.focus({ preventScroll: true });
  } else {
    element = made("div", "person chosen");
    $("people").append(element);
  }
  const before = over && person().box;

  const follow = (e) => {
    const [x, y] = at(e), by = [x - start[0], y - start[1]];
    if (!over) box = [Math.min(x, start[0]), Math.min(y, start[1]), Math.max(x, start[0]), Math.max(y, start[1])];
    else if (corner) box = resized(before, corner, ...by);
    else box = moved(before, ...by);
    place(element, box);
  };
  const end = () => {
    window.removeEventListener("pointermove", follow);
    window.removeEventListener("pointerup", end);
    window.removeEventListener("pointercancel", end);
    const large = box && box[2] - box[0] >= LEAST && box[3] - box[1] >= LEAST;
    if (!over && large) add(box);
    else if (over && large && String(box) !== String(before)) changed(() => { person().box = box; });
    else draw();
  };
  window.addEventListener("pointermove", follow);
  window.addEventListener("pointerup", end);
  window.addEventListener("pointercancel", end);
}

// Keys

function pressed(event) {
  if (!frame() || event.altKey || event.metaKey) return;
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  if (event.ctrlKey) {
    if (key === "z") { event.preventDefault(); undo(); }
    return;
  }
  const button = document.activeElement instanceof HTMLButtonElement || document.activeElement?.tagName === "SUMMARY";
  if (key === "Enter" && button) return; // that button's own
  const acts = { n: () => show(now + 1), p: () => show(now - 1), Enter: finish, h: hard, Delete: remove, Backspace: remove, "+": () => add() };
  const row = KEYS.findIndex((keys) => keys.includes(key)), axis = Object.keys(set.axes)[row];
  const choice = axis && choices(axis)[KEYS[row].indexOf(key)];
  if (acts[key]) acts[key]();
  else if (key.startsWith("Arrow") && person() && !button) nudge(key, event.shiftKey);
  else if (choice) say(axis, choice[0]);
  else return;
  event.preventDefault();
}

async function begin() {
  try {
    const answer = await fetch("set");
    if (!answer.ok) throw new Error(await answer.text());
    [set, loaded] = [await answer.json(), Date.now()];
  } catch (error) {
    told(error.message || "the server does not answer", true);
    return;
  }
  $("site").textContent = set.site;
  if (!set.frames.length) {
    $("progress").textContent = "no frames: they expired, or were erased";
    return;
  }
  ask();
  show(Math.max(0, set.frames.findIndex((one) => !one.done)));
}

$("stage").addEventListener("pointerdown", drag);
$("previous").addEventListener("click", () => show(now - 1));
$("next").addEventListener("click", () => show(now + 1));
$("done").addEventListener("click", finish);
$("difficult").addEventListener("click", (event) => { hard(); if (event.detail) focusChosen(); });
$("remove").addEventListener("click", remove);
$("add").addEventListener("click", () => add());
$("undo").addEventListener("click", undo);
document.addEventListener("keydown", pressed);
window.addEventListener("beforeunload", (event) => { if (unsaved.size) event.preventDefault(); });
window.addEventListener("resize", () => { if (frame()) fit(); });
setInterval(() => { if (frame()) panel(); }, 30000);
begin();
