// The part of BX24.js that an application of ours uses, written for the sandbox. The portal's page names the frame after
// what the library has to know, and answers its messages.
window.BX24 = (() => {
  const told = JSON.parse(window.name || "{}");
  const waiting = new Map();
  let number = 0;

  window.addEventListener("message", ({ data }) => {
    if (!data || data.sid !== told.sid || !waiting.has(data.number)) return;
    waiting.get(data.number)(data.answer);
    waiting.delete(data.number);
  });

  const ask = (command, params, callback) => {
    number += 1;
    if (callback) waiting.set(number, callback);
    window.parent.postMessage({ sid: told.sid, number, command, params }, "*");
  };

  // PHP-style pairs: {a: {b: [1]}} -> a[b][0]=1
  const pairs = (value, name, into) => {
    if (value !== null && typeof value === "object") {
      for (const [key, item] of Object.entries(value)) pairs(item, name ? `${name}[${key}]` : key, into);
    } else {
      into.append(name, value ?? "");
    }
    return into;
  };

  class Answer {
    constructor(body, status, retry) {
      this.answer = body;
      this.status = status;
      this.retry = retry;
    }
    data() { return this.answer.result; }
    error() { return this.answer.error === undefined ? null : this; }
    error_description() { return this.answer.error_description; }
    more() { return this.answer.next !== undefined; }
    total() { return this.answer.total; }
    next(callback) { if (this.more()) this.retry(this.answer.next, callback); }
    toString() { return `${this.answer.error}: ${this.answer.error_description}`; }
  }

  const callMethod = async (method, params, callback) => {
    const body = pairs({ ...params, auth: told.auth }, "", new URLSearchParams());
    const response = await fetch(`${told.portal}/rest/${method}.json`, { method: "POST", body });
    const again = (start, next) => callMethod(method, { ...params, start }, next || callback);
    if (callback) callback(new Answer(await response.json(), response.status, again));
  };

  // [["method", {..}], {method, params}] or a map of them -> answers under the same keys
  const callBatch = (calls, callback, halt) => {
    const cmd = {};
    for (const [key, call] of Object.entries(calls)) {
      const [method, params] = Array.isArray(call) ? call : [call.method, call.params];
      cmd[key] = `${method}?${pairs(params || {}, "", new URLSearchParams())}`;
    }
    callMethod("batch", { cmd, halt: halt ? 1 : 0 }, (answer) => {
      const { result = {}, result_error: errors = {}, result_total: totals = {}, result_next: nexts = {} } = answer.data() || {};
      const answers = Array.isArray(calls) ? [] : {};
      for (const key of Object.keys(cmd)) {
        if (key in errors) answers[key] = new Answer(errors[key], 200);
        else if (key in result) answers[key] = new Answer({ result: result[key], total: totals[key], next: nexts[key] }, 200);
      }
      if (callback) callback(answers);
    });
  };

  const fitWindow = (callback) => resizeWindow(document.documentElement.scrollWidth, document.documentElement.scrollHeight, callback);
  const resizeWindow = (width, height, callback) => ask("resizeWindow", { width, height }, callback);
  const ready = (callback) => (document.readyState === "loading" ? document.addEventListener("DOMContentLoaded", callback) : callback());

  return {
    init: (callback) => ready(() => callback && callback()),
    install: (callback) => ready(() => told.placement === "DEFAULT" && callback && callback()),
    installFinish: () => ask("installFinish"),
    callMethod,
    callBatch,
    fitWindow,
    resizeWindow,
    ready,
    openPath: (path, callback) => ask("openPath", { path }, callback),
    openApplication: (params, callback) => ask("openApplication", { params }, callback),
    closeApplication: () => ask("closeApplication"),
    isAdmin: () => told.isAdmin,
    getLang: () => told.lang,
    getDomain: () => new URL(told.portal).host,
    getAuth: () => ({
      access_token: told.auth, refresh_token: told.refresh, member_id: told.member, expires_in: told.expires,
      domain: new URL(told.portal).host,
    }),
    placement: {
      info: () => ({ placement: told.placement, options: told.options }),
      getInterface: (callback) => callback({ command: ["reloadData"], event: [] }),
      call: (command, params, callback) => ask("placement", { command, params }, callback),
    },
  };
})();
