// The part of BX24.js that an application of ours uses, written for the sandbox. The frame is named after portal, protocol
// and session, messages are command:json:callback:session and their answers callback:json, as the vendor's library has it.
window.BX24 = (() => {
  const [domain, protocol, sid] = window.name.split("|");
  const portal = `${protocol === "1" ? "https" : "http"}://${domain}`;
  const waiting = new Map();
  let told = {};
  let number = 0;

  window.addEventListener("message", ({ data, origin }) => {
    if (origin !== portal || typeof data !== "string") return;
    const at = data.indexOf(":");
    const answer = waiting.get(data.slice(0, at));
    waiting.delete(data.slice(0, at));
    if (answer) answer(JSON.parse(data.slice(at + 1)));
  });

  const ask = (command, params, callback) => {
    const key = `bx24_${number += 1}`;
    if (callback) waiting.set(key, callback);
    window.parent.postMessage([command, ...(params ? [JSON.stringify(params)] : []), key, sid].join(":"), portal);
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
    const body = pairs({ ...params, auth: told.AUTH_ID }, "", new URLSearchParams());
    const response = await fetch(`${portal}/rest/${method}.json`, { method: "POST", body });
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

  const start = (callback) => ready(() => ask("getInitData", null, (answer) => {
    told = answer;
    if (callback) callback();
  }));
  const auth = () => ({
    access_token: told.AUTH_ID, refresh_token: told.REFRESH_ID, member_id: told.MEMBER_ID, expires_in: Number(told.AUTH_EXPIRES), domain,
  });

  return {
    init: start,
    install: (callback) => start(() => told.INSTALL && callback && callback()),
    installFinish: () => ask("setInstallFinish"),
    callMethod,
    callBatch,
    fitWindow,
    resizeWindow,
    ready,
    reloadWindow: (callback) => ask("reloadWindow", null, callback),
    setTitle: (title, callback) => ask("setTitle", { title }, callback),
    openPath: (path, callback) => ask("openPath", { path }, callback),
    openApplication: (params, callback) => ask("openApplication", params, callback),
    closeApplication: (callback) => ask("closeApplication", null, callback),
    isAdmin: () => told.IS_ADMIN,
    getLang: () => told.LANG,
    getDomain: () => domain,
    getAuth: auth,
    refreshAuth: (callback) => ask("refreshAuth", null, (answer) => {
      Object.assign(told, answer);
      if (callback) callback(auth());
    }),
    placement: {
      info: () => ({ placement: told.PLACEMENT, options: told.PLACEMENT_OPTIONS }),
      getInterface: (callback) => ask("getInterface", null, callback),
      call: (command, params, callback) => ask(command, params, callback),
    },
  };
})();
