// Searches what `rooms/<id>/words-….js` hold. They are scripts, which a browser loads from a disk, too; nothing is asked of any server.
"use strict";

const MOST_HITS = 200;
const AROUND = 60; // characters before what was found
const rooms = [];
const form = document.getElementById("search");
const links = [...document.querySelectorAll("[data-room]")];
let loading = null;

/** Called by each of them: [page, seq, timestamp, author, text] for each message. */
function porchRoom(id, name, said) {
  rooms.push({ id, name, said });
}

function load() {
  loading ??= Promise.all(links.map(({ dataset: { room } }) => new Promise((resolve, reject) => {
    const script = document.createElement("script");
    script.src = `rooms/${room}/${form.dataset.words}`;
    script.onload = resolve;
    script.onerror = reject;
    document.head.append(script);
  })));
  return loading;
}

function plain(text) {
  return text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
}

function* matches(words) {
  for (const { id, name, said } of rooms) {
    for (const [page, seq, at, author, text] of said) {
      const searched = plain(`${author} ${text}`);
      if (words.every((word) => searched.includes(word))) yield { id, name, page, seq, at, author, text };
    }
  }
}

function row({ id, name, page, seq, at, author, text }, words) {
  const item = document.createElement("li");
  const link = document.createElement("a");
  link.href = `rooms/${id}/${page}.html#m${seq}`;
  link.textContent = `${name}, ${at.slice(0, 10)} ${at.slice(11, 16)}`;
  const line = document.createElement("p");
  const place = Math.max(0, text.toLowerCase().indexOf(words[0]) - AROUND);
  line.dir = "auto";
  line.textContent = `${author}: ${place ? "…" : ""}${text.slice(place, place + 4 * AROUND)}`;
  item.append(link, line);
  return item;
}

async function search() {
  const words = plain(document.getElementById("words").value).split(/\s+/).filter(Boolean);
  const [told, hits] = [document.getElementById("found"), document.getElementById("hits")];
  hits.replaceChildren();
  told.textContent = "";
  if (!words.length) return;
  try {
    await load();
  } catch {
    told.textContent = "Some of the files are missing, so nothing can be found.";
    loading = null;
    return;
  }
  const found = [...matches(words)].sort((one, other) => (one.at < other.at ? 1 : -1));
  told.textContent = `${found.length} ${found.length === 1 ? "message" : "messages"}`;
  if (found.length > MOST_HITS) told.textContent += `; the newest ${MOST_HITS} are here.`;
  hits.append(...found.slice(0, MOST_HITS).map((one) => row(one, words)));
}

form.hidden = false;
form.addEventListener("submit", (event) => {
  event.preventDefault();
  void search();
});
