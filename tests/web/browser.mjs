// A browser to test with: Debian's Chromium, driven by Playwright, both found where tests/run puts them.

import { createRequire } from "node:module";
import { readFileSync } from "node:fs";
import { join } from "node:path";

// `base`, `tokens`, `modules`, `chromium`, `ptrctl`, `socket`, `shots`: what the test that started this says.
export const given = JSON.parse(readFileSync(0, "utf8"));

const require = createRequire(join(given.modules, "package.json"));
const { chromium } = require("playwright-core");
const axe = readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");

const ARGUMENTS = [
  "--headless",
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--ignore-certificate-errors",
];

// Playwright gives it an empty folder for its profile, and removes that.
const browser = await chromium.launch({ executablePath: given.chromium, args: ARGUMENTS });

export async function close() {
  await browser.close();
}

export function check(holds, what) {
  if (!holds) throw new Error(what);
}

export function equal(found, wanted, what = "") {
  const [a, b] = [JSON.stringify(found), JSON.stringify(wanted)];
  check(a === b, `${what} is ${a}, not ${b}`);
}

// A window of its own, with what browsers complain about collected in `complaints`.
export async function open(options = {}) {
  const context = await browser.newContext({
    baseURL: given.base,
    ignoreHTTPSErrors: true,
    viewport: { width: 1280, height: 900 },
    ...options,
  });
  context.setDefaultTimeout(30_000);
  const page = await context.newPage();
  page.complaints = [];
  page.on("pageerror", (error) => page.complaints.push(String(error)));
  page.on("console", (message) => {
    // An answer with a status of 4xx is none of a page's faults.
    const expected = message.text().startsWith("Failed to load resource: the server responded with a status of 4");
    if (message.type() === "error" && !expected) page.complaints.push(message.text());
  });
  return page;
}

export async function login(page, token) {
  await page.goto("/login");
  await page.fill("#token", token);
  await page.press("#token", "Enter");
  await page.waitForURL((url) => url.pathname !== "/login");
}

// What axe finds: WCAG 2.2 A and AA, and what it calls best practices. The source is run by the debugger, since the
// policy of the page forbids scripts of others.
export async function violations(page) {
  await page.evaluate(axe);
  const found = await page.evaluate(() =>
    globalThis.axe.run(document, {
      runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    }),
  );
  return found.violations.map(
    ({ id, help, nodes }) => `${id}: ${help}: ${nodes.slice(0, 3).map((node) => node.html + " " + node.failureSummary).join(" | ")}`,
  );
}

// How far the page can be scrolled to the side.
export function overhang(page) {
  return page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
}
