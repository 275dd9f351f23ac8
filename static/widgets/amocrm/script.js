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
  var PATIENCE = 20000;

  return function () {
    var self = this;
    var open = null;

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

    /** Fill a place of ours with a template of ours; `then` is called when it stands there. */
    function fill($place, name, told, then) {
      self.render({
        href: "/templates/" + name + ".twig",
        base_path: self.get_settings().path,
        v: self.get_settings().version,
        load: function (template) {
          $place.html(template.render(told));
          if (then) {
            then($place);
          }
        }
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

    /** What went wrong, what is safe, whom to write; `again` is offered as a button. */
    function complain($place, answer, again) {
      var told = (answer && answer.responseJSON) || {};
      var isUnconnected = told.title === "Conflict";
      var shown = {
        words: self.i18n("errors"),
        text: told.detail || say("errors", "away"),
        code: told.code || "",
        support: SUPPORT,
        again: Boolean(again),
        connect: isUnconnected ? SERVICE + "/install/amocrm/start" : "",
        connect_label: say("settings", "connect")
      };
      fill($place, "notice", shown, function () {
        $place.off(ns()).on("click" + ns(), "[data-dental-crm-again]", again || $.noop);
      });
    }

    /** A page of ours in a frame; its address is good once. */
    function frame($place, view, number) {
      $place.text(say("card", "loading"));
      ask("ticket", { view: view, deal: number || "" }).then(
        function (told) {
          fill($place, "frame", { url: told.url, title: say("card", "title") });
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
      var $place = $card();
      if (!$place.length || !deal()) {
        return;
      }
      ask("panel", { deal: deal() }).then(
        function (told) {
          paintCard($place, told);
        },
        function (answer) {
          complain($place, answer, loadCard);
        }
      );
    }

    function paintCard($place, told) {
      var lines = told.lines && told.lines.length ? told.lines : [say("card", "empty")];
      var buttons = (told.buttons || []).concat([{ view: "panel", label: say("card", "more") }]);
      fill($place, "card", { lines: lines, buttons: buttons });
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
      var shown = {
        words: self.i18n("settings"),
        agreed: Boolean($input.val()),
        installed: self.get_install_status() === "installed"
      };
      fill($place, "consent", shown, function () {
        $place.on("change" + ns(), "[data-dental-crm-agree]", function () {
          $input.val(this.checked ? JSON.stringify({ agreed: true }) : "").trigger("change");
        });
        $place.on("click" + ns(), "[data-dental-crm-view]", function () {
          showPage("wizard", "");
        });
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
      var isGone = chosen.stage && !_.findWhere(told.stages, { value: chosen.stage });
      var shown = {
        words: self.i18n("pipeline"),
        robots: _.map(ROBOTS, function (robot) {
          return { value: robot, label: say("robots", robot) };
        }),
        stages: told.stages,
        chosen: chosen,
        gone: isGone ? say("pipeline", "gone").replace("{stage}", chosen.stage) : ""
      };
      keep($form, "key", told.key);
      fill($place, "action", shown, function () {
        $row($form, "robot").add($row($form, "stage")).add($row($form, "key")).hide();
        needStage($place, chosen.robot);
        $place.on("change" + ns(), "[data-dental-crm-for]", function () {
          keep($form, $(this).attr("data-dental-crm-for"), $(this).val());
          needStage($place, $form.find('input[name="robot"]').val());
        });
      });
    }

    function needStage($place, robot) {
      $place.find("[data-dental-crm-stages]").prop("hidden", !_.contains(GOING, robot));
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
          render: '<div class="dental-crm" data-dental-crm="card">' + _.escape(say("card", "loading")) + "</div>"
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
          .on("click" + ns(), '.dental-crm[data-dental-crm="card"] [data-dental-crm-view]', function () {
            showPage($(this).attr("data-dental-crm-view"), deal());
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
          var chosen = self.list_selected().selected;
          addStyle();
          if (chosen.length === 1) {
            showPage("copy", String(chosen[0].id));
            return;
          }
          showWindow(function ($place) {
            $place.text(say("list", "one"));
          });
        }
      },

      /** The set-up makes the sources by the API, which lets in only widgets with this place; there is nothing to choose. */
      onAddAsSource: function () {
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
