// The places of the account where a widget is asked for more than to show itself: its settings, pages, lists, bot and pipeline.
"use strict";
define("sandbox/places", ["jquery"], () => {
  const send = (address, body) => fetch(address, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) });
  const fields = ($form) => Object.fromEntries($form.find("[name]").get().map((each) => [each.name, each.type === "checkbox" ? (each.checked ? each.value || "1" : "") : each.value]));
  const say = (text) => { document.getElementById("widget-said").textContent = text; };

  // the answer of onSave: true, or a promise that is kept
  const agreed = async (row, log, body) => {
    const answer = await Promise.resolve(log.call(row, "onSave", body)).catch(() => false);
    if (answer === false) say("Виджет не дал сохранить настройки.");
    return answer !== false;
  };

  const settings = ($, row, log) => {
    const $form = $("#widget_settings__fields_wrapper");
    const home = $form.attr("data-home");
    const missing = () => $form.find("[data-required]").get().filter((each) => !each.value.trim());
    $form.on("change input", () => $(".js-widget-save").prop("disabled", false));
    $(".js-widget-install, .js-widget-save").on("click", async (event) => {
      // the widget's own handlers of this click come first: they may fill a field in, or forbid it
      await Promise.resolve();
      if (event.isDefaultPrevented()) return;
      const empty = missing();
      for (const each of $form.find("[name]").get()) each.removeAttribute("aria-invalid");
      for (const each of empty) each.setAttribute("aria-invalid", "true");
      if (empty.length) { say("Заполните обязательные поля."); return; }
      if (!await agreed(row, log, { active: "Y", fields: fields($form) })) return;
      const done = await send(`${home}save`, { fields: fields($form), active: "Y" });
      if (done.ok) { log.call(row, "onInstall"); location.reload(); } else say((await done.json()).said);
    });
    $(".js-widget-uninstall").on("click", async () => {
      if (!await agreed(row, log, { active: "N", fields: fields($form) })) return;
      log.call(row, "destroy");
      const done = await send(`${home}save`, { fields: {}, active: "N" });
      if (done.ok) location.href = "/amo-market/"; else say((await done.json()).said);
    });
    log.call(row, "settings", $("#widget_settings"), { source_id: null, external_id: null });
  };

  const pipeline = ($, row, log) => {
    log.call(row, "dpSettings");
    const $form = $(".digital-pipeline__edit-forms");
    $(".js-trigger-save").on("click", async () => {
      const { of_host: stage, ...own } = fields($form);
      const done = await send("./", { stage, settings: own });
      if (done.ok) location.href = "/settings/stages/"; else say((await done.json()).said);
    });
  };

  const designer = ($, row, log) => {
    const renderRow = (caption) => `<div class="salesbot-designer__row"><span>${$("<i>").text(caption).html()}</span></div>`;
    $(".js-designer-add").on("click", (event) => {
      const $block = $(event.currentTarget).closest("[data-handler]");
      const handler = $block.attr("data-handler");
      const told = log.call(row, "salesbotDesignerSettings", $block.find(".salesbot-designer__body"), renderRow, fields($block));
      const exits = (told && told.exits) || [];
      if (!exits.length) log.wrong.push(`${row.code}.salesbotDesignerSettings: ${JSON.stringify(told)}`);
      $block.find(".salesbot-designer__exits").html(exits.map((each) => `<li data-exit="${$("<i>").text(each.code).html()}">${$("<i>").text(each.title).html()}</li>`).join(""));
      $block.find(".salesbot-designer__body").prop("hidden", false);
      $(event.currentTarget).prop("hidden", true);
      $block.find(".js-designer-save").prop("hidden", false).off("click").on("click", async () => {
        const steps = log.call(row, "onSalesbotDesignerSave", handler, fields($block));
        const done = await send("./", { handler, steps, exits: exits.map((each) => each.code) });
        if (done.ok) location.href = "/settings/stages/"; else say((await done.json()).said);
      });
    });
  };

  const list = ($, row, log) => {
    const $menu = $("#list-widgets");
    const count = () => $(".js-list-row input:checked").length;
    $(`<button type="button" class="list__widget" data-code="${row.code}">${$("<i>").text(row.name).html()}</button>`)
      .on("click", () => log.call(row, "leads.selected")).appendTo($menu);
    const show = () => { $menu.prop("hidden", !count()); $("#list-count").text(count()); };
    $(document).on("change", ".js-list-row input", show);
    show();
  };

  return {
    settings,
    llist: list,
    digital_pipeline: pipeline,
    salesbot_designer: designer,
    advanced_settings: ($, row, log) => log.call(row, "advancedSettings"),
    widget_page: ($, row, log) => {
      const { item, subitem } = document.getElementById("widget-page").dataset;
      log.call(row, "initMenuPage", { location: "widget_page", item_code: item, subitem_code: subitem || undefined });
    },
  };
});
