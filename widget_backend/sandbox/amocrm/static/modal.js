// lib/components/base/modal: the host's window over the page, as a widget opens it.
"use strict";
define("lib/components/base/modal", ["jquery", "underscore"], ($, _) => {
  let open = [];

  // options: class_name, init($modal_body), destroy() that may answer false to stay, disable_overlay_click, disable_escape_keydown
  function Modal(options) {
    this.options = _.extend({ class_name: "", init() {}, destroy() {}, container: document.body }, options);
    const before = document.activeElement;
    this.$modal = $(`<div class="modal modal-list ${_.escape(this.options.class_name)}" role="dialog" aria-modal="true" tabindex="-1"><div class="modal-scroller custom-scroll"><div class="modal-body modal-body-relative"></div></div></div>`);
    this.$modal_body = this.$modal.find(".modal-body");
    this.before = before;
    this.$modal.appendTo(this.options.container);
    open.push(this);

    this.$modal.on("click", ".modal-body__close, .js-modal-close", () => this.destroy());
    this.$modal.find(".modal-scroller").on("mousedown", (event) => {
      if (event.target === event.currentTarget && !this.options.disable_overlay_click) this.destroy();
    });
    this.$modal.on("keydown", (event) => {
      if (event.key === "Escape" && !this.options.disable_escape_keydown) this.destroy();
      if (event.key === "Tab") this.keep(event);
    });
    this.$modal_body.on("modal:loaded", () => this.$modal.addClass("modal-loaded"));
    this.$modal_body.on("modal:centrify", () => {
      const heading = this.$modal_body.find("h1, h2, h3").first();
      if (heading.length) this.$modal.attr("aria-label", heading.text());
    });
    this.options.init.call(this, this.$modal_body);
    if (!this.$modal.attr("aria-label")) this.$modal.attr("aria-label", "Окно виджета");
    this.$modal.focus();
  }

  // the focus stays inside
  Modal.prototype.keep = function keep(event) {
    const $all = this.$modal.find("a[href], button:enabled, input:enabled, select, textarea, iframe, [tabindex='0']").filter(":visible");
    const [first, last] = [$all.get(0), $all.get(-1)];
    if (!first) { event.preventDefault(); return; }
    const goal = event.shiftKey ? last : first;
    if (document.activeElement === (event.shiftKey ? first : last) || document.activeElement === this.$modal.get(0)) { event.preventDefault(); goal.focus(); }
  };

  Modal.prototype.destroy = function destroy() {
    if (!open.includes(this) || this.options.destroy.call(this) === false) return;
    open = open.filter((each) => each !== this);
    this.$modal.remove();
    if (this.before?.isConnected) this.before.focus();
  };

  return Modal;
});
