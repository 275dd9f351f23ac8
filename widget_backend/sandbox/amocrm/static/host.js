// The page that hosts widgets, as the account's own front end does it: libraries of their old versions under RequireJS, APP, a
// base that each widget is built on, and the callbacks in their order. What is hosted where stands in #amo-host.
"use strict";
(() => {
  const about = JSON.parse(document.getElementById("amo-host").textContent);
  const home = "/_sandbox/host/";
  // what a test looks at: callbacks that were called, and answers that are not what the host expects
  const log = window.sandboxHost = { called: [], wrong: [], widgets: {} };

  requirejs.config({ baseUrl: home, paths: { "twig-engine": "twig" }, waitSeconds: 20 });
  define("twigjs", ["twig-engine"], (engine) => engine.twig);

  const card = about.card;
  const constants = { user: about.user, account: about.account, managers: about.managers, card_id: card ? card.id : 0 };
  const APP = window.APP = window.AMOCRM = {
    constant: (name) => constants[name],
    lang_id: about.lang,
    data: {
      is_card: Boolean(card),
      current_entity: { lcard: "leads", llist: "leads" }[about.area] || about.area,
      current_card: card ? { id: card.id, main_user: card.main_user, element_type: 2, model: { get: (name) => card[name] } } : { id: 0 },
      current_list: { selected: [] },
    },
    widgets: { list: log.widgets },
    isCard: () => Boolean(card),
    getBaseEntity: () => "leads",
    getWidgetsArea: () => about.area,
    system: { area: about.area, domain: about.domain },
    notifications: {
      show_message: ({ header = "", text = "" }) => toast(header, text, ""),
      show_message_error: ({ header = "", text = "" }) => toast(header, text, " notification-error"),
    },
    router: { navigate: (path) => { location.href = path; } },
  };

  const toast = (header, text, kind) => {
    let place = document.querySelector(".notifications");
    if (!place) { place = document.createElement("div"); place.className = "notifications"; place.setAttribute("role", "status"); document.body.append(place); }
    const item = document.createElement("div");
    item.className = `notification-inner${kind}`;
    item.append(Object.assign(document.createElement("strong"), { textContent: header }), Object.assign(document.createElement("p"), { textContent: text }));
    place.append(item);
    setTimeout(() => item.remove(), 6000);
  };

  const found = (texts, key) => String(key).split(".").reduce((held, word) => (held && typeof held === "object" ? held[word] : undefined), texts);

  const base = ($, _, twig, row) => {
    const kept = () => ({
      ...row.settings, widget_code: row.code, path: row.path, version: row.version, oauth_client_uuid: row.client,
      active: row.status === "install" ? "N" : "Y", widget_active: row.status === "install" ? "N" : "Y", status: row.status,
    });
    const rendered = (template, params) => template.render(params || {});
    return {
      params: { ...kept(), widget_code: row.code, lang: row.texts },
      langs: row.texts,
      i18n: (key) => { const held = found(row.texts, key); return held === undefined ? "" : held; },
      get_settings: kept,
      set_settings: (given) => { Object.assign(row.settings, given); },
      get_version: () => row.version,
      get_install_status: () => row.status,
      set_status: (status) => { row.status = status; },
      system: () => ({ area: about.area, amouser_id: about.user.id, amouser: about.user.login, subdomain: about.account.subdomain, domain: about.domain, server: location.origin }),
      get_accounts_current: () => ({ response: { account: about.account } }),
      get_current_card_contacts_data: () => Promise.resolve(card ? card.contacts : []),
      list_selected: () => selected(),
      add_action() {},
      add_source() {},
      listenSocketChannel() {},

      // {ref} one of the host's controls, {data} a template at hand, {href} a file of the widget's (load(template), or a promise)
      render(source, params) {
        if (source.ref) return rendered(twig({ ref: source.ref }), params);
        if (source.data !== undefined) return rendered(twig({ data: source.data }), params);
        const address = (source.base_path || row.path) + source.href;
        const coming = $.ajax({ url: address, dataType: "text" }).then((data) => twig({ data }));
        if (source.load) { coming.then((template) => source.load(template)); return true; }
        return coming.then((template) => rendered(template, params));
      },

      // a block of the right column
      render_template({ caption = {}, body = "", render = "" }, params) {
        const inner = typeof render === "string" && render ? twig({ data: render }).render(params || {}) : "";
        const $block = $(`<section class="card-widgets__widget card-widgets__widget-${row.code}" data-code="${row.code}" aria-label="${_.escape(row.name)}"></section>`);
        const $caption = $(`<button type="button" class="card-widgets__widget__caption ${_.escape(caption.class_name || "")}" aria-expanded="true"><img class="card-widgets__widget__caption__logo" src="${row.path}/images/logo_medium.png" alt="${_.escape(row.name)}">${caption.html || ""}</button>`);
        const $body = $('<div class="card-widgets__widget__body js-body-hide"></div>').html(body + inner);
        $caption.on("click", () => { const open = $body.is(":visible"); $body.toggle(!open); $caption.attr("aria-expanded", String(!open)); });
        $("#widgets_block").find(`[data-code="${row.code}"]`).remove();
        $("#widgets_block").append($block.append($caption, $body));
        return $block;
      },

      // $.ajax with a disposable token of whoever looks, a new one for each request
      $authorizedAjax(options) {
        const answer = $.Deferred();
        $.ajax({ url: `${row.token}?user=${about.user.id}`, method: "POST" }).then(({ token }) => {
          const headers = { ...(options.headers || {}), "X-Auth-Token": token };
          $.ajax({ ...options, headers }).then(answer.resolve, answer.reject);
        }, answer.reject);
        return answer.promise();
      },
    };
  };

  const selected = () => {
    const rows = [...document.querySelectorAll(".js-list-row input:checked")].map((tick) => JSON.parse(tick.closest("[data-row]").dataset.row));
    return { selected: rows, summary: { count: rows.length, emails: rows.flatMap((row) => row.emails).length, phones: rows.flatMap((row) => row.phones).length } };
  };

  // a callback of a widget by its dotted name; what it should have answered true to is noted
  const call = (row, name, ...given) => {
    const widget = log.widgets[row.code];
    const [own, ...rest] = name.split(".");
    const callback = rest.reduce((held, word) => held?.[word], widget.callbacks?.[own]);
    log.called.push(`${row.code}.${name}`);
    return typeof callback === "function" ? callback.apply(widget, given) : undefined;
  };
  const must = (row, name) => {
    const answer = call(row, name);
    if (answer !== true) log.wrong.push(`${row.code}.${name}: ${JSON.stringify(answer)}`);
    return answer === true;
  };

  const start = (row) => {
    if (!must(row, "render")) return;
    must(row, "init");
    must(row, "bind_actions");
  };
  log.call = call;
  log.row = (code) => about.widgets.find((each) => each.code === code);
  // the area is left and entered again
  log.again = () => { for (const row of about.widgets) { call(row, "destroy"); start(row); } };

  require(["jquery", "underscore", "sandbox/controls", "lib/components/base/modal", "sandbox/places"], ($, _, twig, Modal, places) => {
    const scripts = about.widgets.map((row) => `${row.path}/script.js?v=${row.version}`);
    require(scripts, (...widgets) => {
      about.widgets.forEach((row, at) => {
        const Widget = widgets[at];
        Object.assign(Widget.prototype, base($, _, twig, row));
        log.widgets[row.code] = new Widget();
        start(row);
        places[about.area]?.($, row, log, APP);
      });
      document.body.dataset.widgets = "ready";
    }, (error) => { document.body.dataset.widgets = "failed"; throw error; });
  });
})();
