// The host's own controls as a widget asks for them: self.render({ref: "/tmpl/controls/button.twig"}, {...}). Written for the
// sandbox with the class names that widgets look for.
"use strict";
define("sandbox/controls", ["jquery", "twigjs"], ($, twig) => {
  const button = (kind) => `<button type="button" class="button-input ${kind} {{ class_name }}" id="{{ id }}" name="{{ name }}" {% if disabled %}disabled{% endif %} {{ additional_data }}><span class="button-input-inner"><span class="button-input-inner__text">{{ text }}</span></span></button>`;
  const input = (type, more) => `<input type="${type}" class="${more} {{ class_name }}" id="{{ id }}" name="{{ name }}" value="{{ value|e }}" placeholder="{{ placeholder|e }}" {% if title %}aria-label="{{ title|e }}"{% endif %} {% if max_length %}maxlength="{{ max_length }}"{% endif %} {% if disabled %}disabled{% endif %} {{ additional_data }}>`;
  const tick = (type) => `<label class="control-${type} {{ class_name }}"><span class="control-${type}__body"><input type="${type}" id="{{ id }}" name="{{ name }}" value="{{ value|e }}" {% if checked %}checked{% endif %} {% if disabled %}disabled{% endif %} {{ input_class_name }}><span class="control-${type}__helper"></span></span><span class="control-${type}__text element__text">{{ text|e }}</span></label>`;
  const list = (name) => `<div class="${name} {{ class_name }}" id="{{ id }}">{% for item in items %}<label class="control-checkbox ${name}__item"><input type="checkbox" name="{{ item.name|default(name) }}" value="{{ item.id|e }}" {% if item.is_checked %}checked{% endif %}><span>{{ item.option|e }}</span></label>{% endfor %}</div>`;

  const templates = {
    button: button(""),
    cancel_button: button("button-cancel"),
    delete_button: button("button-delete"),
    input: input("text", "text-input"),
    date_field: input("date", "text-input date_field"),
    suggest: input("text", "text-input control--suggest--input"),
    file: `<input type="file" class="control-file {{ class_name }}" id="{{ id }}" name="{{ name }}" aria-label="{{ title|e }}">`,
    textarea: `<textarea class="text-input text-input-textarea {{ class_name }}" id="{{ id }}" name="{{ name }}" placeholder="{{ placeholder|e }}" {% if title %}aria-label="{{ title|e }}"{% endif %} {% if disabled %}disabled{% endif %}>{{ value|e }}</textarea>`,
    select: `<div class="control--select {{ class_name }}" id="{{ id }}"><button type="button" class="control--select--button" data-value="{{ selected|e }}" aria-haspopup="listbox" aria-expanded="false" {% if title %}aria-label="{{ title|e }}"{% endif %} {% if disabled %}disabled{% endif %}><span class="control--select--button-inner">{% for item in items %}{% if item.id == selected %}{{ item.option|e }}{% endif %}{% endfor %}</span></button><ul class="control--select--list" role="listbox" {% if title %}aria-label="{{ title|e }}"{% endif %} hidden>{% for item in items %}<li class="control--select--list--item{% if item.id == selected %} control--select--list--item-selected{% endif %}" role="option" tabindex="-1" aria-selected="{% if item.id == selected %}true{% else %}false{% endif %}" data-value="{{ item.id|e }}"><span class="control--select--list--item-inner">{{ item.option|e }}</span></li>{% endfor %}</ul><input type="hidden" class="control--select--input" name="{{ name }}" value="{{ selected|e }}"></div>`,
    checkbox: tick("checkbox"),
    switcher: tick("checkbox").replace("control-checkbox {{", "control-checkbox switcher {{"),
    radio: `<div class="control-radio__group {{ class_name }}" id="{{ id }}" role="radiogroup">{% for item in items %}<label class="control-radio"><input type="radio" name="{{ name }}" value="{{ item.id|e }}" {% if item.id == selected %}checked{% endif %}><span class="control-radio__text">{{ item.option|e }}</span></label>{% endfor %}</div>`,
    multiselect: list("control-multiselect"),
    checkboxes_dropdown: list("checkboxes_dropdown"),
  };
  for (const [name, data] of Object.entries(templates)) twig({ id: `/tmpl/controls/${name}.twig`, data });

  const close = ($select) => $select.find(".control--select--list").prop("hidden", true).end().find(".control--select--button").attr("aria-expanded", "false");

  $(document).on("click", ".control--select--button", (event) => {
    const $select = $(event.currentTarget).closest(".control--select");
    const open = $select.find(".control--select--list").prop("hidden");
    $(".control--select").each((_, each) => { close($(each)); });
    if (!open) return;
    $(event.currentTarget).attr("aria-expanded", "true");
    $select.find(".control--select--list").prop("hidden", false).find(".control--select--list--item-selected, .control--select--list--item").first().focus();
  });
  const choose = ($item) => {
    const $select = $item.closest(".control--select");
    const value = $item.attr("data-value");
    $select.find(".control--select--list--item").removeClass("control--select--list--item-selected").attr("aria-selected", "false");
    $item.addClass("control--select--list--item-selected").attr("aria-selected", "true");
    $select.find(".control--select--button").attr("data-value", value).find(".control--select--button-inner").text($item.text());
    close($select);
    $select.find(".control--select--button").focus();
    $select.find(".control--select--input").val(value).trigger("change");
  };
  $(document).on("click", ".control--select--list--item", (event) => choose($(event.currentTarget)));
  $(document).on("keydown", ".control--select--list--item", (event) => {
    const $item = $(event.currentTarget);
    if (event.key === "Enter" || event.key === " ") { event.preventDefault(); choose($item); }
    if (event.key === "ArrowDown") { event.preventDefault(); $item.next().focus(); }
    if (event.key === "ArrowUp") { event.preventDefault(); $item.prev().focus(); }
    if (event.key === "Escape") { event.stopPropagation(); close($item.closest(".control--select")).closest(".control--select").find("button").focus(); }
  });
  return twig;
});
