// Copies the files named below out of node_modules and writes vendor.lock.json. Run: npm ci --ignore-scripts && npm run copy
// The tokens package drags a whole framework along, so only its archive is taken (npm pack).
import { createHash } from "node:crypto";
import { execFileSync } from "node:child_process";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { buildSync } from "esbuild";

const TOKENS = { package: "@bitrix24/b24ui-nuxt", version: "2.13.0", license: "MIT" };
const TOKEN_FILES = ["001_b24_global", "003_b24_context_light", "004_b24_context_dark", "007_b24_global"];

const made = [];

function note(file, origin) {
  const bytes = readFileSync(file);
  const hash = (name) => createHash(name).update(bytes);
  made.push({ file, ...origin, sha256: hash("sha256").digest("hex"), sha384: hash("sha384").digest("base64") });
}

function installed(name) {
  const about = JSON.parse(readFileSync(`node_modules/${name}/package.json`, "utf8"));
  return { package: name, version: about.version, license: about.license };
}

function copy(name, path, file) {
  writeFileSync(file, readFileSync(`node_modules/${name}/${path}`, "utf8").replace(/\n?\/\/# sourceMappingURL=.*\s*$/, "\n"));
  note(file, installed(name));
}

copy("htmx.org", "dist/htmx.min.js", "htmx.min.js");
copy("htmx.org", "dist/ext/hx-sse.min.js", "hx-sse.min.js");

for (const [name, file] of [["htmx.org", "LICENSE-htmx.txt"], ["@bitrix24/b24jssdk", "LICENSE-b24jssdk.txt"]]) {
  writeFileSync(file, readFileSync(`node_modules/${name}/LICENSE`, "utf8"));
}

buildSync({
  stdin: { contents: 'export { initializeB24Frame } from "@bitrix24/b24jssdk";', resolveDir: "." },
  bundle: true, minify: true, format: "iife", globalName: "B24", platform: "browser", legalComments: "inline", outfile: "b24frame.min.js",
});
note("b24frame.min.js", installed("@bitrix24/b24jssdk"));

const archive = execFileSync("npm", ["pack", "--silent", `${TOKENS.package}@${TOKENS.version}`], { encoding: "utf8" }).trim();
const css = TOKEN_FILES.map((name) =>
  execFileSync("tar", ["-xzOf", archive, `package/dist/runtime/air-design-tokens/${name}.css`], { encoding: "utf8" }));
writeFileSync("LICENSE-air.txt", execFileSync("tar", ["-xzOf", archive, "package/LICENSE"], { encoding: "utf8" }));
rmSync(archive);
writeFileSync("air.css", css.join("\n"));
note("air.css", TOKENS);

writeFileSync("vendor.lock.json", JSON.stringify(made, null, 2) + "\n");
