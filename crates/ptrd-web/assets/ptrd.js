// All pages work without this file. It adds arrow keys and digits in maps, what a cell is below the map, and buttons
// that copy.
"use strict";

for (const map of document.querySelectorAll("[data-map]")) {
  const cells = [...map.children];
  const readout = document.querySelector("[data-readout]");
  const target = (cell) => cell && cell.querySelector("a");
  const links = cells.map(target);
  const tabbable = links.find((link) => link && link.hasAttribute("aria-current")) || links.find(Boolean);
  // One stop for the Tab key, and arrow keys from there.
  for (const link of links) if (link) link.tabIndex = link === tabbable ? 0 : -1;

  const columns = () => getComputedStyle(map).gridTemplateColumns.split(" ").length;
  const row = (at) => at - (at % columns());
  const focus = (link) => {
    for (const other of links) if (other) other.tabIndex = -1;
    link.tabIndex = 0;
    link.focus();
  };
  const move = (from, by) => {
    for (let at = from + by; at >= 0 && at < links.length; at += by) {
      if (links[at]) return focus(links[at]);
    }
  };
  const moves = {
    ArrowRight: (at) => move(at, 1),
    ArrowLeft: (at) => move(at, -1),
    ArrowDown: (at) => move(at, columns()),
    ArrowUp: (at) => move(at, -columns()),
    Home: (at) => move(row(at) - 1, 1),
    End: (at) => move(row(at) + columns(), -1),
  };

  let typed = "";
  let forget = 0;
  const jump = (key) => {
    typed += key.toLowerCase();
    clearTimeout(forget);
    forget = setTimeout(() => (typed = ""), 1200);
    const at = cells.findIndex((cell) => cell.querySelector(".no").textContent === typed);
    if (at >= 0 && links[at]) focus(links[at]);
  };

  map.addEventListener("keydown", (event) => {
    const at = links.indexOf(event.target.closest("a"));
    if (at < 0 || event.ctrlKey || event.metaKey || event.altKey) return;
    if (moves[event.key]) {
      event.preventDefault();
      moves[event.key](at);
    } else if (/^[0-9a-fA-F]$/.test(event.key)) {
      jump(event.key);
    }
  });

  if (readout) {
    const tell = (event) => {
      const cell = event.target.closest(".cell");
      if (cell) readout.textContent = cell.title;
    };
    readout.hidden = false;
    readout.textContent = tabbable ? tabbable.title : "";
    map.addEventListener("focusin", tell);
    map.addEventListener("mouseover", tell);
  }
}

for (const button of document.querySelectorAll("[data-copy]")) {
  if (!navigator.clipboard) continue;
  button.hidden = false;
  button.addEventListener("click", async () => {
    const source = document.getElementById(button.dataset.copy);
    try {
      await navigator.clipboard.writeText(source.textContent);
      button.textContent = "Copied";
    } catch {
      getSelection().selectAllChildren(source);
      button.textContent = "Selected";
    }
    setTimeout(() => (button.textContent = "Copy"), 2000);
  });
}

const problem = document.getElementById("problem");
if (problem) problem.focus();
