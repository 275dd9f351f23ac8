/**
 * Стоматология для amoCRM: панель сделки, согласие, действия на этапах, шаги бота.
 * Plain ES5 without a build step; all libraries are those of amoCRM.
 */
define(["jquery", "underscore", "lib/components/base/modal"], function ($, _, Modal) {
  "use strict";

  var SERVICE = "%SERVICE%";
  var SUPPORT = "%SUPPORT%";

  /** What an action on a stage may do, and which of it needs a stage to go to. */
  var ROBOTS = ["route_patient", "copy_deal", "check_fields", "wake_deal"];
  var GOING = ["copy_deal", "wake_deal"];
  /** Ways out of the bot's steps: exit -> what the answer says of the patient. */
  var ROUTES = ["primary", "repeat", "unsure"];
  /** Milliseconds to wait for an answer. */
  var PATIENCE = 30000;

  return function () {
    var self = this;
    var open = null;
    var templates = {};
    /** Of the card that is shown: the key under which one press acts once, and whether one is under way. */
    var card = { key: "", acting: false };

    function code() {
      return self.get_settings().widget_code;
    }

    function ns() {
      return "." + code();
    }

    function say(section, key) {
      return self.i18n(section)[key];
    }

    function deal() {
      var card = APP.data.current_card;
      return card && card.id ? String(card.id) : "";
    }

    function addStyle() {
      var address = self.get_settings().path + "/style.css?v=" + self.get_settings().version;
      if (!$('link[href="' + address + '"]').length) {
        $("head").append($("<link>", { rel: "stylesheet", type: "text/css", href: address }));
      }
    }

    /** Fill a place of ours with a template of ours, which is fetched once; `then` is called when it stands there. */
    function fill($place, name, told, then) {
      function paint(template) {
        templates[name] = template;
        $place.html(template.render(told));
        if (then) {
          then($place);
        }
      }

      if (templates[name]) {
        paint(templates[name]);
        return;
      }
      self.render({
        href: "/templates/" + name + ".twig",
        base_path: self.get_settings().path,
        v: self.get_settings().version,
        load: paint
      }, {});
    }

    /** Ask our service, as the user whom amoCRM's one-time token names. */
    function ask(path, told) {
      return self.$authorizedAjax({
        url: SERVICE + "/amo/api/" + path,
        type: "POST",
        contentType: "application/json",
        dataType: "json",
        timeout: PATIENCE,
        headers: { "Accept-Language": say("widget", "language") },
        data: JSON.stringify(told)
      });
    }

    /** A control of amoCRM's own, without words: whether its templates escape them is not said. */
    function control(kind, shown) {
      return $($.trim(self.render({ ref: "/tmpl/controls/" + kind + ".twig" }, shown)));
    }

    function put($control, place, words) {
      var $place = $control.find(place).first();
      ($place.length ? $place : $("<span>").appendTo($control)).text(words);
      return $control;
    }

    function button(words, isMain) {
      var $button = control("button", { class_name: "dental-crm__button" + (isMain ? " button-input_blue" : ""), text: "" });
      return put($button, ".button-input-inner__text", words).removeAttr("id name");
    }

    function checkbox(words, isOn, then) {
      var $box = put(control("checkbox", { checked: isOn, text: "" }), ".control-checkbox__text", words);
      $box.find("input").removeAttr("id name").on("change" + ns(), function () {
        then(this.checked);
      });
      return $box.addClass("dental-crm__choice");
    }

    /** One of a list, `[{value, label}]`; `then` is called with the value that is chosen. */
    function select(words, list, chosen, then) {
      var id = _.uniqueId(code() + "-");
      var items = _.map(list, function (item) {
        return { id: item.value, option: "" };
      });
      var $select = control("select", { items: items, selected: chosen });
      var $value = $select.find(".control--select--button");
      $select.find(".control--select--list--item").each(function () {
        put($(this), ".control--select--list--item-inner", wordsOf(list, $(this).attr("data-value")));
      });
      put($value, ".control--select--button-inner", wordsOf(list, chosen) || list[0].label);
      $value.attr({ id: id + "-value", "aria-labelledby": id + " " + id + "-value" });
      $select.removeAttr("id").find('[role="listbox"]').attr("aria-labelledby", id);
      $select.find("input").removeAttr("name").on("change" + ns(), function () {
        then($(this).val());
      });
      return $("<div>", { "class": "dental-crm__field" }).append($("<span>", { id: id, text: words }), $select);
    }

    function wordsOf(list, value) {
      return (_.findWhere(list, { value: value }) || {}).label || "";
    }

    /** While something is under way nothing else can be pressed; the focus stays where it is. */
    function busy($place, isBusy) {
      $place.attr("aria-busy", String(isBusy)).find("button").attr("aria-disabled", String(isBusy));
      $place.find("button").toggleClass("button-input-disabled", isBusy);
    }

    /** What went wrong, what is safe, whom to write; `again` is offered as a button. `away`: where nobody answered. */
    function complain($place, answer, again, away) {
      var told = (answer && answer.responseJSON) || {};
      var shown = {
        words: self.i18n("errors"),
        text: told.detail || away || say("errors", "away"),
        code: told.code || "",
        support: SUPPORT,
        connect: told.title === "Unconnected" ? SERVICE + "/install/amocrm/start" : "",
        connect_label: say("settings", "connect")
      };
      fill($place, "notice", shown, function () {
        var $again = button(say("errors", "again")).on("click" + ns(), again);
        $place.find("[data-dental-crm-buttons]").prepend($again);
      });
    }

    /** A page of ours in a frame, in the theme of the page around it; its address is good once. */
    function frame($place, view, number) {
      $place.text(say("card", "loading"));
      ask("ticket", { view: view, deal: number || "" }).then(
        function (told) {
          var theme = $("html").attr("data-color-scheme") === "dark" ? "#dark" : "#light";
          fill($place, "frame", { url: told.url + theme, title: say("card", "title") });
        },
        function (answer) {
          complain($place, answer, _.partial(frame, $place, view, number));
        }
      );
    }

    function showWindow(paint) {
      var $place = $("<div>", { "class": "dental-crm dental-crm_window" });
      open = new Modal({
        class_name: "dental-crm-modal",
        init: function ($body) {
          var $close = $("<button>", { type: "button", "class": "dental-crm modal-body__close", text: "\u00d7" });
          $close.attr("aria-label", say("card", "close"));
          $body.trigger("modal:loaded").empty().append($place, $close).trigger("modal:centrify");
          paint($place);
        },
        destroy: function () {
          open = null;
          loadCard();
          return true;
        }
      });
    }

    function showPage(view, number) {
      showWindow(function ($place) {
        frame($place, view, number);
      });
    }

    function $card() {
      return $('.dental-crm[data-dental-crm="card"]');
    }

    /** What the card says of the deal, and what can be done with it. */
    function loadCard() {
      var number = deal();
      var $body = $card().find("[data-dental-crm-body]");
      if (!$body.length || !number) {
        return;
      }
      ask("panel", { deal: number }).then(
        function (told) {
          paintCard(number, told);
        },
        function (answer) {
          complain($body, answer, loadCard);
        }
      );
    }

    /** `isFocused`: the first button gets the focus, as the one that had it is gone. */
    function paintCard(number, told, isFocused) {
      var $body = $card().find("[data-dental-crm-body]");
      var lines = told.lines && told.lines.length ? told.lines : [say("card", "empty")];
      if (number !== deal()) {
        return;
      }
      card.key = told.key;
      fill($body, "card", { lines: lines }, function () {
        var $buttons = $body.find("[data-dental-crm-buttons]");
        _.each(told.buttons, function (one) {
          var marks = { title: one.hint || null, "data-dental-crm-do": one.action, "data-dental-crm-copy": one.deal };
          $buttons.append(button(one.label, one.primary).attr(marks));
        });
        $buttons.append(button(say("card", "more")).attr("data-dental-crm-do", "panel"));
        if (isFocused) {
          $buttons.find("button").first().focus();
        }
      });
    }

    function press(action, copy) {
      if (card.acting) {
        return;
      }
      if (action === "panel") {
        showPage(action, deal());
      } else if (action === "copy") {
        showCopies([deal()]);
      } else {
        act(action, copy);
      }
    }

    /** An act of one press: busy, then what came of it and the card as it is now. A repeat goes on under the same key. */
    function act(action, copy) {
      var number = deal();
      var $said = $card().find("[data-dental-crm-said]").text(say("card", "doing"));
      card.acting = true;
      busy($card(), true);
      ask("act", { deal: number, action: action, copy: copy, key: card.key }).then(
        function (told) {
          card.acting = false;
          busy($card(), false);
          tell($said, told);
          paintCard(number, told.card, $.contains($card().get(0), document.activeElement));
        },
        function (answer) {
          card.acting = false;
          busy($card(), false);
          complain($said, answer, _.partial(act, action, copy), say("errors", "unsure"));
        }
      );
    }

    /** What came of a press: words, the deal to look at, what was lost on the way. */
    function tell($place, told) {
      fill($place, "done", {
        said: told.said,
        url: told.url,
        open: say("card", "open").replace("{deal}", told.deal),
        lost: told.lost.length ? say("card", "lost") + ": " + told.lost.join("; ") : "",
        warning: told.warning
      });
    }

    /** Copies of one deal or of several: where to, what they would be, one press, and what came of each. */
    function showCopies(deals) {
      var wish = { deals: deals, to: "", again: false, turn: 1, made: [] };
      var answer = ask("prospects", { deals: deals, to: "" });
      showWindow(function ($place) {
        fill($place, "copies", { words: self.i18n("copies") }, function () {
          $place.trigger("modal:centrify");
          wait($place, wish, answer);
        });
      });
    }

    function part($place, name) {
      return $place.find('[data-dental-crm-part="' + name + '"]');
    }

    /** What the copies would be at this stage. An answer that was overtaken by another choice is not shown. */
    function look($place, wish) {
      wish.turn += 1;
      part($place, "buttons").empty();
      part($place, "said").text(say("copies", "looking"));
      wait($place, wish, ask("prospects", { deals: wish.deals, to: wish.to }));
    }

    function wait($place, wish, answer) {
      var turn = wish.turn;
      answer.then(
        function (told) {
          if (turn === wish.turn) {
            paintProspects($place, wish, told);
          }
        },
        function (answer) {
          if (turn === wish.turn) {
            part($place, "seen").empty();
            complain(part($place, "said"), answer, _.partial(look, $place, wish));
          }
        }
      );
    }

    function paintProspects($place, wish, told) {
      var $seen = part($place, "seen");
      var count = String(wish.deals.length);
      var words = wish.deals.length === 1 ? say("copies", "make") : say("copies", "make_all").replace("{count}", count);
      part($place, "said").text(told.places.length ? "" : say("copies", "nowhere"));
      if (!told.places.length) {
        return;
      }
      _.extend(wish, { to: told.to, key: told.key, again: false });
      if (!part($place, "where").children().length) {
        part($place, "where").append(
          select(say("copies", "where"), told.places, told.to, function (to) {
            if (!wish.making) {
              wish.to = to;
              look($place, wish);
            }
          })
        );
      }
      fill($seen, "prospects", _.extend({ words: self.i18n("copies") }, told), function () {
        if (told.again) {
          $seen.append(
            checkbox(say("copies", "again"), false, function (isOn) {
              wish.again = isOn;
            })
          );
        }
        part($place, "buttons").html(button(words, true).on("click" + ns(), _.partial(make, $place, wish)));
        hold($place);
      });
    }

    /** The focus stays in the window when the button that had it is gone. */
    function hold($place) {
      if (document.activeElement === document.body) {
        part($place, "said").focus();
      }
    }

    /** One request for all of them. Those that are left go on by another press, under the same key. */
    function make($place, wish) {
      if (wish.making) {
        return;
      }
      wish.making = true;
      busy($place, true);
      part($place, "said").text(say("copies", "making"));
      ask("copies", { deals: wish.deals, to: wish.to, key: wish.key, again: wish.again }).then(
        function (told) {
          wish.making = false;
          busy($place, false);
          paintOutcomes($place, wish, told);
        },
        function (answer) {
          wish.making = false;
          busy($place, false);
          complain(part($place, "said"), answer, _.partial(make, $place, wish), say("errors", "unsure"));
        }
      );
    }

    function paintOutcomes($place, wish, told) {
      var $seen = part($place, "seen");
      var $on = button(say("copies", "go_on").replace("{count}", String(told.left.length)), true);
      wish.made = _.reject(wish.made, function (one) {
        return _.contains(wish.deals, one.deal);
      }).concat(told.deals);
      wish.deals = told.left;
      part($place, "where").empty();
      part($place, "said").text(say("copies", "done").replace("{count}", String(_.where(wish.made, { made: true }).length)));
      part($place, "buttons").html(told.left.length ? $on.on("click" + ns(), _.partial(make, $place, wish)) : "");
      fill($seen, "outcomes", { words: self.i18n("copies"), deals: wish.made }, function () {
        $seen.find("[data-dental-crm-copy]").append(button(say("copies", "undo")).attr("data-dental-crm-undo", ""));
        $seen.off(ns()).on("click" + ns(), "[data-dental-crm-undo]", function () {
          undo($(this).closest("[data-dental-crm-copy]"), wish);
        });
        hold($place);
      });
    }

    /** Take one of the copies back, in its own row. */
    function undo($row, wish) {
      var told = { deal: $row.attr("data-dental-crm-deal"), copy: $row.attr("data-dental-crm-copy"), action: "undo" };
      if ($row.attr("aria-busy") === "true") {
        return;
      }
      busy($row, true);
      ask("act", _.extend(told, { key: wish.key })).then(
        function (answer) {
          $row.attr("aria-busy", "false").text(answer.said);
          hold($row.closest(".dental-crm_window"));
        },
        function (answer) {
          busy($row, false);
          complain($row, answer, _.partial(undo, $row, wish), say("errors", "unsure"));
        }
      );
    }

    /** The set-up and its pages, in the place that amoCRM gives to a widget. */
    function paintSettings() {
      var $place = $("<div>", { "class": "dental-crm" });
      addStyle();
      workArea().html($place);
      frame($place, "settings");
    }

    function workArea() {
      var $own = $("#work-area-" + code());
      return $own.length ? $own : $("#list_page_holder");
    }

    /** The consent, in the place that amoCRM leaves for the one field it does not draw itself. */
    function consent($body) {
      var $input = $body.find("#" + code() + '_custom, input[name="consent"]').first();
      var $holder = $body.find("#" + code() + "_custom_content");
      var $place = $("<div>", { "class": "dental-crm" }).appendTo($holder.length ? $holder : $body);
      fill($place, "consent", { words: self.i18n("settings") }, function () {
        var $agree = checkbox(say("settings", "agree"), Boolean($input.val()), function (isOn) {
          $input.val(isOn ? JSON.stringify({ agreed: true }) : "").trigger("change");
        });
        part($place, "agree").append($agree);
        if (self.get_install_status() === "installed") {
          part($place, "buttons").append(
            button(say("settings", "wizard"), true).on("click" + ns(), _.partial(showPage, "wizard", ""))
          );
        }
      });
    }

    /** The open forms of our actions on stages that have no choice of ours yet. */
    function $actions($body) {
      var $tiles = $(".digital-pipeline__short-task_widget-style_" + code()).parent().parent();
      var $forms = $tiles.find("[data-action=send_widget_hook]").add($body || []);
      return $forms.has('input[name="robot"]').not(":has(.dental-crm)");
    }

    /** Choices in place of the plain fields. What is saved stays until another is chosen, whatever fails. */
    function paintAction($forms) {
      var $places = $("<div>", { "class": "dental-crm" }).insertBefore($row($forms, "robot"));
      $places.text(say("card", "loading"));
      ask("pipeline", {}).then(
        function (told) {
          $places.each(function () {
            chooseIn($(this), told);
          });
        },
        function (answer) {
          complain($places, answer, function () {
            $places.remove();
            paintAction($forms);
          });
        }
      );
    }

    function $row($form, name) {
      return $form.find('input[name="' + name + '"]').closest(".widget_settings_block__item_field");
    }

    function chooseIn($place, told) {
      var $form = $place.parent();
      var chosen = { robot: $form.find('input[name="robot"]').val(), stage: $form.find('input[name="stage"]').val() };
      var none = [{ value: "", label: say("pipeline", "none") }];
      var isGone = chosen.stage && !_.findWhere(told.stages, { value: chosen.stage });
      var gone = isGone ? say("pipeline", "gone").replace("{stage}", chosen.stage) : "";
      var robots = _.map(ROBOTS, function (robot) {
        return { value: robot, label: say("robots", robot) };
      });
      keep($form, "key", told.key);
      fill($place, "action", { gone: gone }, function () {
        $row($form, "robot").add($row($form, "stage")).add($row($form, "key")).hide();
        part($place, "robot").append(
          select(say("pipeline", "choose_robot"), none.concat(robots), chosen.robot, function (robot) {
            keep($form, "robot", robot);
            needStage($place, robot);
          })
        );
        part($place, "stage").append(
          select(say("pipeline", "choose_stage"), none.concat(told.stages), chosen.stage, _.partial(keep, $form, "stage"))
        );
        needStage($place, chosen.robot);
      });
    }

    function needStage($place, robot) {
      part($place, "stage").prop("hidden", !_.contains(GOING, robot));
    }

    function keep($form, name, value) {
      var $input = $form.find('input[name="' + name + '"]');
      if ($input.val() !== value) {
        $input.val(value).trigger("change");
      }
    }

    /** A setting of a bot's step, which comes bare or with its value inside. */
    function setting(params, name) {
      var told = params ? params[name] : "";
      return String((_.isObject(told) ? told.value : told) || "");
    }

    function leaveIf(name, value, exit) {
      return {
        handler: "conditions",
        params: {
          logic: "and",
          conditions: [{ term1: "{{json." + name + "}}", term2: value, operation: "=" }],
          result: [{ handler: "exits", params: { value: exit } }]
        }
      };
    }

    function steps(handler, params) {
      var told = { op: handler };
      var ways = _.map(ROUTES, function (route) {
        return leaveIf("visit_type", route, route);
      });
      if (handler === "copy_deal") {
        told.stage = setting(params, "stage");
        ways = [leaveIf("status", "success", "success")];
      }
      return [
        {
          question: [
            { handler: "widget_request", params: { url: SERVICE + "/amo/bot/v1", data: told } },
            { handler: "goto", params: { type: "question", step: 1 } }
          ]
        },
        { question: ways.concat([{ handler: "exits", params: { value: "fail" } }]) }
      ];
    }

    this.callbacks = {
      render: function () {
        addStyle();
        if (self.system().area !== "lcard") {
          return true;
        }
        if (!deal()) {
          return false;
        }
        self.render_template({
          caption: { class_name: "dental-crm-caption" },
          body: "",
          render:
            '<div class="dental-crm" data-dental-crm="card"><div data-dental-crm-body>' +
            _.escape(say("card", "loading")) +
            '</div><div class="dental-crm__said" data-dental-crm-said role="status"></div></div>'
        });
        return true;
      },

      init: function () {
        loadCard();
        return true;
      },

      bind_actions: function () {
        $(document)
          .off(ns())
          .on("click" + ns(), '.dental-crm[data-dental-crm="card"] [data-dental-crm-do]', function () {
            press($(this).attr("data-dental-crm-do"), $(this).attr("data-dental-crm-copy"));
          });
        return true;
      },

      settings: function ($body) {
        addStyle();
        consent($body);
        return true;
      },

      onSave: function (told) {
        var isOn = told.active === "Y";
        if (isOn && !(told.fields && told.fields.consent)) {
          APP.notifications.show_message_error({ header: say("errors", "title"), text: say("settings", "missing") });
          return false;
        }
        return true;
      },

      onInstall: function () {
        return true;
      },

      destroy: function () {
        $(document).off(ns());
        if (open) {
          open.destroy();
        }
        return true;
      },

      advancedSettings: function () {
        paintSettings();
        return true;
      },

      initMenuPage: function () {
        paintSettings();
        return true;
      },

      leads: {
        selected: function () {
          addStyle();
          showCopies(_.map(_.pluck(self.list_selected().selected, "id"), String));
        }
      },

      /** The set-up makes the sources by the API, which lets in only widgets with this place; there is nothing to choose. */
      onAddAsSource: function () {
        return true;
      },

      onSource: function () {
        return true;
      },

      dpSettings: function ($body) {
        var $forms = $actions($body);
        addStyle();
        if ($forms.length) {
          paintAction($forms);
        }
        return true;
      },

      salesbotDesignerSettings: function ($body, renderRow, params) {
        var isCopy = _.has(params || {}, "stage") || $body.find('[name*="stage"]').length > 0;
        return {
          exits: _.map((isCopy ? ["success"] : ROUTES).concat(["fail"]), function (exit) {
            return { code: exit, title: say("bot", exit) };
          })
        };
      },

      onSalesbotDesignerSave: function (handler, params) {
        return JSON.stringify(steps(handler, params));
      }
    };

    return this;
  };
});
