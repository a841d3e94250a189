// What people do with the web page, in a browser, with the daemon behind it. Each test prints a line; any that fails makes
// the whole fail.

import { execFileSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { check, close, equal, given, login, open, overhang, violations } from "./browser.mjs";

const { tokens } = given;
const map = (range, address = "") =>
  "/map?" + new URLSearchParams(address ? { range, address } : { range }).toString();
const ACME = "192.0.2.0/24";
const CHECKED = "198.18.0.0/24";
const cell = (page, nth) => page.locator("[data-map] > li").nth(nth);
const note = (page) => page.locator(".note strong").first().textContent();
const ptrctl = (...words) => execFileSync(given.ptrctl, ["--socket", given.socket, ...words], { encoding: "utf8" });

// Chooses an address, types a name and saves it.
async function name(page, nth, text) {
  await cell(page, nth).locator("a").click();
  await page.fill("#names", text);
  await page.click("button[value=set]");
}

const tests = {
  async "a wrong token is refused, a good one leads to the blocks and their map"() {
    const page = await open();
    await page.goto(map(ACME));
    equal(new URL(page.url()).pathname, "/login", "where one is sent");
    await page.fill("#token", "ptrd_wrong");
    await page.click("button.primary");
    check((await page.textContent("[role=alert]")).includes("does not let you in"), "the reason is shown");
    await page.fill("#token", tokens.acme);
    await page.click("button.primary");
    equal(await page.textContent("h1"), ACME, "where one wanted to go");
    await page.click("text=Blocks");
    equal(await page.textContent("h1"), "Your blocks");
    await page.click(`text=${ACME}`);
    equal(await page.locator("[data-map] > li").count(), 256, "cells");
    equal(await page.textContent("h1"), ACME);
    check((await cell(page, 1).getAttribute("class")).startsWith("set"), "192.0.2.1 is set");
    check((await cell(page, 2).getAttribute("class")).startsWith("empty"), "192.0.2.2 is not");
    return page;
  },

  async "a name is set, shown with its forward records, and undone"() {
    const page = await open();
    await login(page, tokens.acme);
    await page.goto(map(ACME));
    await name(page, 17, "mail.example.com");
    check((await note(page)).includes("192.0.2.17"), "the change is told");
    equal(await page.inputValue("#names"), "mail.example.com.");
    check((await cell(page, 17).getAttribute("class")).startsWith("set"), "the cell is set");
    equal(await page.textContent("#bind-1"), "mail.example.com. 3600 IN A 192.0.2.17");
    check((await page.textContent("#line-1")).includes("'update add mail.example.com. 3600 A 192.0.2.17'"), "a line");
    check((await page.textContent(".changes li")).includes("192.0.2.17"), "the history of the address");
    await page.click(".note button");
    check((await note(page)).includes("rolled back"), "undone");
    await page.goto(map(ACME));
    check((await cell(page, 17).getAttribute("class")).startsWith("empty"), "it has no name any more");
    return page;
  },

  async "copying puts the record on the clipboard"() {
    const page = await open({ permissions: ["clipboard-read", "clipboard-write"] });
    await login(page, tokens.acme);
    await page.goto(map(ACME, "192.0.2.1"));
    await page.click("[data-copy=bind-1]");
    await page.locator("[data-copy=bind-1]", { hasText: "Copied" }).waitFor();
    equal(await page.evaluate(() => navigator.clipboard.readText()), await page.textContent("#bind-1"));
    return page;
  },

  async "what is wrong is said at the field, and what was typed stays"() {
    const page = await open();
    await login(page, tokens.acme);
    await page.goto(map(ACME, "192.0.2.18"));
    await page.fill("#names", "-bad-.example.com");
    await page.fill("#reason", "a try");
    await page.click("button[value=set]");
    const problem = page.locator("#problem");
    check((await problem.textContent()).includes("hyphen"), await problem.textContent());
    check(await problem.evaluate((element) => element === document.activeElement), "the problem has the focus");
    equal(await page.inputValue("#names"), "-bad-.example.com");
    equal(await page.inputValue("#reason"), "a try");
    equal(await page.getAttribute("#names", "aria-invalid"), "true");
    equal(await page.getAttribute("#ttl", "aria-invalid"), null);
    equal(await violations(page), []);
    await page.screenshot({ path: join(given.shots, "problem.png"), fullPage: true });
    await page.fill("#ttl", "soon");
    await page.click("button[value=set]");
    equal(await page.getAttribute("#ttl", "aria-invalid"), "true");
    return page;
  },

  async "a name that a template gives is shown, and gives way to one of its own"() {
    const page = await open();
    await login(page, tokens.acme);
    await page.goto(map("198.51.102.0/24"));
    check((await cell(page, 5).getAttribute("class")).startsWith("named"), "198.51.102.5 is named by a template");
    await cell(page, 5).locator("a").click();
    check((await page.textContent("#panel dl")).includes("host-5.pool.example.com."), "the name");
    equal(await page.inputValue("#names"), "", "it has none of its own, so the field");
    await page.screenshot({ path: join(given.shots, "template.png"), fullPage: true });
    await page.fill("#names", "own.example.com");
    await page.click("button[value=set]");
    check((await cell(page, 5).getAttribute("class")).startsWith("set"), "it is set");
    await page.click("button[value=delete]");
    check((await cell(page, 5).getAttribute("class")).startsWith("named"), "and named by the template again");
    return page;
  },

  async "two who change the same address do not overwrite each other unawares"() {
    const page = await open();
    await login(page, tokens.acme);
    await page.goto(map(ACME, "192.0.2.19"));
    ptrctl("ptr", "set", "192.0.2.19", "first.example.com");
    await page.fill("#names", "second.example.com");
    await page.click("button[value=set]");
    check((await page.textContent("#problem")).includes("it has first.example.com. now"), "said");
    equal(await page.inputValue("#names"), "second.example.com");
    await page.click("button[value=set]");
    equal(await page.inputValue("#names"), "second.example.com.");
    return page;
  },

  async "a range is filled after a look, and not when something came in between"() {
    const page = await open();
    await login(page, tokens.acme);
    await page.goto(map(ACME));
    await page.click("text=Name a range");
    await page.fill("#range", "192.0.2.32/28");
    await page.fill("#pattern", "mail-{d}.example.com");
    await page.click("text=Preview");
    equal(await page.locator(".diff tbody tr").count(), 16, "lines of the preview");
    check((await page.textContent(".diff tbody tr")).includes("mail-32.example.com."), "the first of them");
    equal(await violations(page), []);
    await page.screenshot({ path: join(given.shots, "fill.png"), fullPage: true });
    ptrctl("ptr", "set", "192.0.2.33", "other.example.com");
    await page.click("text=Change 16 addresses");
    check((await page.textContent("#problem")).includes("something changed since you looked"), "said");
    equal(await page.locator(".diff tbody tr").count(), 15, "what would change now");
    await page.click("text=Change 15 addresses");
    check((await note(page)).includes("192.0.2.32/28"), await note(page));
    check((await cell(page, 47).getAttribute("class")).startsWith("set"), "192.0.2.47 is set");
    await page.goto(map(ACME, "192.0.2.33"));
    equal(await page.inputValue("#names"), "other.example.com.", "was left alone");
    return page;
  },

  async "a bad pattern is said at the pattern"() {
    const page = await open();
    await login(page, tokens.acme);
    await page.goto("/fill?range=192.0.2.48/28");
    await page.fill("#pattern", "host-{x}.example.com");
    await page.click("text=Preview");
    equal(await page.getAttribute("#pattern", "aria-invalid"), "true");
    equal(await page.inputValue("#pattern"), "host-{x}.example.com");
    return page;
  },

  async "a file is imported after a look, and its bad lines are named"() {
    const page = await open();
    await login(page, tokens.acme);
    await page.goto("/import");
    const file = (text) => ({ name: "ptr.csv", mimeType: "text/csv", buffer: Buffer.from(text) });
    await page.setInputFiles("#file", file("address,name\n192.0.2.150,a.example.com\n192.0.2.151,-b-.example.com\n203.0.113.9,c.example.com\n"));
    await page.click("text=Preview");
    check((await page.textContent("#problem")).includes("line 3"), await page.textContent("#problem"));
    await page.fill("#csv", "192.0.2.150,a.example.com\n192.0.2.151,b.example.com,60\n");
    await page.click("text=Preview");
    equal(await page.locator(".diff tbody tr").count(), 2, "lines of the preview");
    await page.click("text=Change 2 addresses");
    await page.goto(map(ACME, "192.0.2.151"));
    equal([await page.inputValue("#names"), await page.inputValue("#ttl")], ["b.example.com.", "60"]);
    const [download] = await Promise.all([page.waitForEvent("download"), page.click("text=Export CSV")]);
    equal(download.suggestedFilename(), "ptr-192.0.2.0-24.csv");
    return page;
  },

  async "of a name whose zone is here, nothing is to be created"() {
    const page = await open();
    await login(page, tokens.acme);
    await page.goto(map(CHECKED, "198.18.0.9"));
    equal(await page.textContent("#here"), "mail.here.example.");
    equal(await page.locator("[id^=bind-]").count(), 0, "records to create");
    return page;
  },

  async "names that fail, wait or look generic are told apart, and why"() {
    const page = await open();
    await login(page, tokens.acme);
    await page.goto(map(CHECKED));
    const classes = async (nth) => (await cell(page, nth).getAttribute("class")).split(" ")[0];
    equal([await classes(1), await classes(2), await classes(3), await classes(4)], ["failing", "failing", "pending", "empty"]);
    equal(await cell(page, 2).locator("a").getAttribute("title"), "198.18.0.2: old.example.com., does not resolve back, waits to resolve back");
    check((await page.textContent(".legend")).includes("does not resolve back 2"), "the legend counts");
    await cell(page, 1).locator("a").click();
    check((await page.textContent(".check")).includes("fails.example.com. does not exist"), "why it fails");
    await page.click("text=Look again now");
    check((await note(page)).includes("198.18.0.1: does not resolve back"), await note(page));
    await cell(page, 2).locator("a").click();
    equal(await page.inputValue("#names"), "old.example.com.", "what is answered");
    check((await page.textContent(".waits")).includes("new.example.com."), "beside it what waits");
    equal(await page.textContent("#wait-bind-1"), "new.example.com. 3600 IN A 198.18.0.2");
    check((await page.textContent("#wait-line-1")).includes("'update add new.example.com. 3600 A 198.18.0.2'"), "a line");
    await page.screenshot({ path: join(given.shots, "waits.png"), fullPage: true });
    await page.goto(map(CHECKED));
    await name(page, 7, "later.example.com");
    check((await note(page)).includes("waits until"), await note(page));
    check((await page.textContent(".note")).includes("later.example.com. does not exist"), "why it waits");
    equal(await classes(7), "pending");
    await page.click("text=Drop it");
    equal(await classes(7), "empty");
    await page.goto(map(ACME, "192.0.2.9"));
    equal(await classes(9), "generic");
    check((await page.textContent(".check")).includes("points"), "what filters count for it");
    await page.goto(map("198.18.0.0/16"));
    check((await cell(page, 0).getAttribute("class")).includes("has-failing"), "the wider map says the worst");
    check((await cell(page, 0).textContent()).includes("!2"), "and how often");
    await page.click("nav >> text=Checks");
    for (const text of ["198.18.0.1", "first.example.com. 3600 IN A 198.18.0.3", "host-192-0-2-9.dyn.example.net."]) {
      check((await page.textContent("main")).includes(text), text);
    }
    await page.goto("/checks?within=203.0.113.0/24");
    check(!(await page.textContent("main")).includes("198.18.0.1"), "not what lies elsewhere");
    await page.goto("/blocks");
    check((await page.textContent(`tr:has-text("${CHECKED}")`)).includes("! 2"), "the list of blocks says so");
    return page;
  },

  async "a fill that would wait says so before it does"() {
    const page = await open();
    await login(page, tokens.acme);
    await page.goto("/fill?range=198.18.0.64/30");
    await page.fill("#pattern", "mx{n}.example.com");
    await page.click("text=Preview");
    check((await page.textContent(".preview")).includes("would wait"), await page.textContent(".preview"));
    await page.screenshot({ path: join(given.shots, "fill-waits.png"), fullPage: true });
    return page;
  },

  async "a name that is no host name is offered to be set all the same"() {
    const page = await open();
    await login(page, tokens.acme);
    await page.goto(map(ACME, "192.0.2.25"));
    await page.fill("#names", "under_score.example.com");
    await page.click("button[value=set]");
    check((await page.textContent("#problem")).includes("tick “no host name”"), await page.textContent("#problem"));
    await page.check("input[name=lax]");
    await page.click("button[value=set]");
    equal(await page.inputValue("#names"), "under_score.example.com.");
    return page;
  },

  async "undoing says what stands in its way"() {
    const page = await open();
    await login(page, tokens.acme);
    await page.goto(map(ACME));
    await name(page, 20, "one.example.com");
    const change = await page.getAttribute(".note .acts a", "href");
    await name(page, 20, "two.example.com");
    await page.goto(change);
    check((await page.textContent("#problem")).includes("192.0.2.20"), await page.textContent("main"));
    equal(await page.locator("button:has-text(\"Undo change\")").count(), 0, "buttons to undo it");
    return page;
  },

  async "another tenant's block is not to be seen and not to be changed"() {
    const page = await open();
    await login(page, tokens.acme);
    await page.goto(map(ACME));
    check((await cell(page, 70).getAttribute("class")).startsWith("foreign"), "192.0.2.70 is bob's");
    equal(await cell(page, 70).locator("a").count(), 0, "links");
    for (const path of [map(ACME), map(ACME, "192.0.2.70"), "/blocks", "/checks", "/history", "/zones", map("203.0.113.0/24"), map("203.0.0.0/16"), "/search?q=bobs", "/search?q=bob"]) {
      await page.goto(path);
      // What was searched for stands on the page all the same.
      const text = (await page.content()).replaceAll(/value="bobs?"|“bobs?”/g, "");
      check(!/\bbobs?\b/.test(text), `${path} says something of bob`);
    }
    const csv = await page.request.get("/export");
    check((await csv.text()).includes("one.example.com"), "an export");
    check(!(await csv.text()).includes("bobs-host"), "of acme's names alone");
    // A form that was made by hand is refused as if the address were nobody's.
    await page.goto(map(ACME, "192.0.2.1"));
    await page.evaluate(() => (document.querySelector("input[name=address]").value = "192.0.2.70"));
    await page.click("button[value=set]");
    check((await page.textContent("main")).includes("192.0.2.70 is in no block of yours"), "refused");
    for (const change of given.changes.bob) {
      await page.goto(`/history/${change}`);
      check(!(await page.content()).includes("bobs-host"), `change ${change} is bob's`);
    }
    return page;
  },

  async "with the keyboard alone"() {
    const page = await open();
    await page.goto("/login");
    await page.keyboard.type(tokens.acme);
    await page.keyboard.press("Enter");
    await page.waitForURL("**/blocks");
    const press = async (key, until) => {
      for (let count = 0; count < 80; count++) {
        await page.keyboard.press(key);
        if (await page.evaluate(until)) return;
      }
      throw new Error(`${key} does not lead to ${until}`);
    };
    await page.keyboard.press("Tab");
    equal(await page.evaluate(() => document.activeElement.className), "skip", "what comes first");
    await press("Tab", `document.activeElement.textContent === ${JSON.stringify(ACME)}`);
    await page.keyboard.press("Enter");
    await page.waitForURL("**/map**");
    await press("Tab", "!!document.activeElement.closest('[data-map]')");
    await page.keyboard.type("21");
    const focused = () => page.evaluate(() => document.activeElement.title);
    check((await focused()).startsWith("192.0.2.21:"), "digits jump");
    await page.keyboard.press("ArrowDown");
    check((await focused()).startsWith("192.0.2.37:"), "a row further");
    await page.keyboard.press("ArrowUp");
    await page.keyboard.press("ArrowRight");
    check((await focused()).startsWith("192.0.2.22:"), "and a cell");
    check((await page.textContent("[data-readout]")).startsWith("192.0.2.22:"), "what it is stands below");
    const outline = await page.evaluate(() => getComputedStyle(document.activeElement).outlineWidth);
    check(parseFloat(outline) >= 2, "the focus can be seen");
    await page.keyboard.press("Enter");
    await page.waitForURL("**#panel");
    await press("Tab", "document.activeElement.id === 'names'");
    await page.keyboard.type("keys.example.com");
    await press("Tab", "document.activeElement.value === 'set'");
    await page.keyboard.press("Enter");
    await page.waitForSelector(".note");
    equal(await page.inputValue("#names"), "keys.example.com.");
    return page;
  },

  async "without a script"() {
    const page = await open({ javaScriptEnabled: false });
    await login(page, tokens.acme);
    await page.goto(map(ACME));
    await name(page, 23, "plain.example.com");
    check((await note(page)).includes("192.0.2.23"), "set");
    await page.click(".note button");
    check((await note(page)).includes("rolled back"), "undone");
    await page.goto("/fill?range=192.0.2.240/30");
    await page.fill("#pattern", "plain-{d}.example.com");
    await page.click("text=Preview");
    await page.click("text=Change 4 addresses");
    check((await cell(page, 241).getAttribute("class")).startsWith("set"), "filled");
    await page.goto("/import");
    await page.fill("#csv", "192.0.2.244,plain.example.com");
    await page.click("text=Preview");
    await page.click("text=Change 1 address");
    await page.click("text=Log out");
    equal(new URL(page.url()).pathname, "/login");
    return page;
  },

  async "at the width of a phone"() {
    const page = await open({ viewport: { width: 360, height: 740 }, hasTouch: true, isMobile: true });
    await login(page, tokens.operator);
    for (const [what, path] of Object.entries(pages())) {
      await page.goto(path);
      equal(await overhang(page), 0, `${path} can be scrolled to the side, which`);
      equal(await violations(page), [], path);
      await page.screenshot({ path: join(given.shots, `phone-${what}.png`), fullPage: true });
    }
    await page.goto(map(ACME));
    const columns = await page.evaluate(() => getComputedStyle(document.querySelector("[data-map]")).gridTemplateColumns.split(" ").length);
    equal(columns, 8, "columns");
    const box = await cell(page, 24).locator("a").boundingBox();
    check(box.width >= 24 && box.height >= 24, `a finger finds a cell of ${box.width} × ${box.height}`);
    await cell(page, 24).locator("a").tap();
    await page.fill("#names", "phone.example.com");
    await page.tap("button[value=set]");
    check((await note(page)).includes("192.0.2.24"), "set");
    return page;
  },

  async "large blocks and IPv6 are zoomed into"() {
    const page = await open();
    await login(page, tokens.acme);
    await page.goto("/blocks");
    await page.click("text=198.51.100.0/22");
    equal(await page.textContent("h1"), "198.51.0.0/16");
    equal(await page.locator("[data-map] a").count(), 4, "parts of the block");
    check((await cell(page, 101).textContent()).includes("256"), "101 is full");
    await cell(page, 101).locator("a").click();
    equal(await page.textContent("h1"), "198.51.101.0/24");
    await page.goto("/blocks");
    await page.click("text=2001:db8::/32");
    await page.click(".rows a >> nth=10");
    equal(await page.textContent("h1"), "2001:db8:a000::/36", "a nibble further");
    await page.goBack();
    await cell(page, 0xa5).locator("a").click();
    equal(await page.textContent("h1"), "2001:db8:a500::/40", "two nibbles further");
    await page.click("text=2001:db8:a500::1");
    equal(await page.inputValue("#names"), "six.example.com.");
    check((await page.textContent("#bind-1")).includes("AAAA 2001:db8:a500::1"), "its record");
    return page;
  },

  async "operators find what they look for"() {
    const page = await open();
    await login(page, tokens.operator);
    equal(await page.textContent("h1"), "Overview");
    for (const [text, where] of [
      ["192.0.2.1", "192.0.2.0/24"],
      ["1.2.0.192.in-addr.arpa", "192.0.2.0/24"],
      ["198.51.100.0/22", "198.51.0.0/16"],
      ["bob", "Blocks"],
      ["bobs-host", "Names with “bobs-host”"],
    ]) {
      await page.fill("#q", text);
      await page.press("#q", "Enter");
      await page.waitForLoadState();
      equal(await page.textContent("h1"), where, text);
    }
    await page.click("text=203.0.113.7");
    equal(await page.inputValue("#names"), "bobs-host.example.net.");
    return page;
  },

  async "who may read only is shown, and offered nothing else"() {
    const page = await open();
    await login(page, tokens.reader);
    await page.goto(map(ACME, "192.0.2.1"));
    check((await page.textContent("#panel")).includes("one.example.com."), "the name");
    equal(await page.locator("#panel form").count(), 0, "forms");
    return page;
  },

  async "a token that is revoked ends its session"() {
    const page = await open();
    await login(page, tokens.revoked);
    await page.goto("/blocks");
    equal(await page.textContent("h1"), "Your blocks");
    ptrctl("token", "revoke", given.revoked);
    await page.goto("/blocks");
    equal(new URL(page.url()).pathname, "/login");
    return page;
  },

  async "every page is accessible, in light and in dark"() {
    let last;
    for (const colorScheme of ["light", "dark"]) {
      const page = (last = await open({ colorScheme, reducedMotion: "reduce" }));
      await page.goto("/login");
      equal(await violations(page), [], `/login ${colorScheme}`);
      await page.screenshot({ path: join(given.shots, `${colorScheme}-login.png`) });
      await login(page, tokens.operator);
      for (const [what, path] of Object.entries(pages())) {
        await page.goto(path);
        equal(await violations(page), [], `${path} ${colorScheme}`);
        await page.screenshot({ path: join(given.shots, `${colorScheme}-${what}.png`), fullPage: true });
      }
      equal(page.complaints, [], colorScheme);
    }
    return last;
  },
};

function pages() {
  return {
    overview: "/overview",
    blocks: "/blocks",
    map: map(ACME),
    address: map(ACME, "192.0.2.1"),
    wide: map("198.51.0.0/16"),
    six: map("2001:db8::/32"),
    nothing: map("10.0.0.0/24"),
    checks: "/checks",
    checked: map(CHECKED),
    waits: map(CHECKED, "198.18.0.2"),
    fails: map(CHECKED, "198.18.0.1"),
    generic: map(ACME, "192.0.2.9"),
    "wide-checked": map("198.18.0.0/16"),
    fill: "/fill?range=192.0.2.48/28",
    import: "/import",
    history: "/history",
    change: `/history/${given.changes.acme[0]}`,
    none: "/history?actor=nobody-of-that-name",
    zones: "/zones",
    tenants: "/tenants",
    search: "/search?q=example",
    missing: "/history/99999",
  };
}

mkdirSync(given.shots, { recursive: true });
let failed = 0;
const wanted = process.argv.slice(2);
for (const [what, test] of Object.entries(tests)) {
  if (wanted.length && !wanted.some((word) => what.includes(word))) continue;
  try {
    const page = await test();
    equal(page.complaints, [], "what the browser complains of");
    await page.context().close();
    console.log(`ok      ${what}`);
  } catch (error) {
    failed += 1;
    console.log(`FAILED  ${what}: ${error.message}`);
  }
}
await close();
process.exit(failed ? 1 : 0);
