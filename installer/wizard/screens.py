"""What each screen of the wizard shows, as values: the state it is in, and everything a page needs to be drawn."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal
from urllib.parse import urlsplit

from sqlalchemy.orm import Session

from installer.wizard import choices, plans, progress, runs, tree
from installer.wizard import draft as drafts
from installer.wizard.draft import Draft
from installer.wizard.listing import text
from installer.wizard.plans import Purpose, SavedPlan
from installer.wizard.progress import Progress
from installer.wizard.runs import WizardRun
from installer.wizard.words import access as access_words
from installer.wizard.words import general
from installer.wizard.words.plural import counted
from widget_backend.config import Settings
from widget_backend.crm.model import Action
from widget_backend.crm.registry import VENDORS, rate
from widget_backend.tenancy.installations import InstallationInfo
from widget_backend.texts import Text

#: checks of the key; the others are about one plan
OF_THE_KEY: Final = ("rights", "scopes", "plan", "robots")

#: loading  being made, nothing to show yet · partial  being made, an older or a reason is shown · error · ready
State = Literal["loading", "partial", "error", "ready"]


@dataclass(frozen=True, slots=True)
class Check:
    """One line of the access check."""

    level: str
    message: Text


@dataclass(frozen=True, slots=True)
class Guard:
    """A reason to be careful. ``mark``: what a tick under it sends."""

    code: str
    mark: str
    message: Text


@dataclass(frozen=True, slots=True)
class AccessScreen:
    """The access check."""

    state: State
    checks: tuple[Check, ...]
    error: Text | None

    @property
    def is_clear(self) -> bool:
        """Whether one may go on."""
        return self.state == "ready" and not any(check.level == "stop" for check in self.checks)


@dataclass(frozen=True, slots=True)
class PlanScreen:
    """The plan of one purpose. ``fits``: made of the present choices. ``stale``: why the one approved before is no more."""

    purpose: Purpose
    state: State
    saved: SavedPlan
    error: Text | None
    stale: Text | None
    fits: bool
    decisions: Mapping[str, str]
    rules_off: tuple[Text, ...]

    @property
    def counts(self) -> tuple[tuple[str, int], ...]:
        """The tiles on top."""
        return tree.counts(self.saved)

    @property
    def writes(self) -> int:
        """How many rows send something."""
        return tree.writes(self.saved)

    @property
    def sections(self) -> tuple[tree.Section, ...]:
        """The tree."""
        return tree.sections(self.saved)

    @property
    def questions(self) -> tuple[tree.Line, ...]:
        """What a person must decide, decided or not."""
        return tree.questions(self.saved)

    @property
    def undecided(self) -> int:
        """How many of the questions are open."""
        return sum(question.address not in self.decisions for question in self.questions)

    @property
    def guards(self) -> tuple[Guard, ...]:
        """Reasons to be careful, each to be ticked."""
        listed = self.saved.content["guards"] if self.saved.content else ()
        return tuple(Guard(one["code"], f"{one['code']}:{n}", text(one)) for n, one in enumerate(listed))

    @property
    def checks(self) -> tuple[Check, ...]:
        """What stands in the way of this plan, and what should be known."""
        return tuple(check for check in _checks(self.saved) if check.level != "ok")

    @property
    def is_settled(self) -> bool:
        """Whether nothing is to be done."""
        return not self.writes and not self.questions

    @property
    def can_apply(self) -> bool:
        """Whether nothing but a click is missing."""
        stops = any(check.level == "stop" for check in self.checks)
        return self.state == "ready" and self.fits and bool(self.writes) and not self.questions and not stops

    @property
    def by_hand(self) -> tuple[tree.Reason, ...]:
        """Rows for a person, by what to do."""
        return tree.reasons(self.saved, Action.MANUAL)

    @property
    def cannot(self) -> tuple[tree.Reason, ...]:
        """Rows this CRM cannot have, by what there is instead."""
        return tree.reasons(self.saved, Action.UNSUPPORTED)


@dataclass(frozen=True, slots=True)
class ResultScreen:
    """How it ended. ``links``: (name, address in the CRM). ``checking``: the manual steps are being looked at. ``fits``: the
    plan is that of the present choices."""

    progress: Progress | None
    saved: SavedPlan
    fits: bool
    checking: bool
    error: Text | None
    links: tuple[tuple[str, str], ...]
    crm: str

    @property
    def run(self) -> WizardRun | None:
        """The run whose end is told; none where all is in its place although the last one did not get there."""
        last = self.progress.run if self.progress else None
        return None if last is not None and last.state != "done" and self.is_settled else last

    @property
    def is_settled(self) -> bool:
        """Whether everything was in its place before anybody wrote anything."""
        return self.saved.state == "ready" and self.fits and not tree.writes(self.saved) and not self.questions

    @property
    def is_proven(self) -> bool:
        """Whether the CRM has what was chosen, so that it may take the installation as finished."""
        ran = self.run is not None and self.run.purpose == "apply" and self.run.state == "done"
        return self.is_settled or (ran and not tree.writes(self.saved))

    @property
    def by_hand(self) -> tuple[tree.Reason, ...]:
        """Rows for a person, by what to do."""
        return tree.reasons(self.saved, Action.MANUAL)

    @property
    def cannot(self) -> tuple[tree.Reason, ...]:
        """Rows this CRM cannot have."""
        return tree.reasons(self.saved, Action.UNSUPPORTED)

    @property
    def questions(self) -> int:
        """How many are left for a person to decide."""
        return len(self.saved.rows(Action.CONFLICT.value))


def access(session: Session, info: InstallationInfo, settings: Settings) -> AccessScreen:
    """The access check."""
    saved = plans.load(session)
    lines = [Check(check.level, check.message) for check in _checks(saved, OF_THE_KEY)]
    if saved.content:
        account = saved.content["account"]["name"] or info.host
        vendor = VENDORS[info.vendor]
        requests = counted(max(1, round(rate(settings, info.vendor).per_second)), general.REQUEST)
        lines.insert(0, Check("ok", access_words.CONNECTED.format(account=f"{account} ({vendor.title})")))
        lines.append(Check("ok", access_words.RATE.format(rate=requests)))
    return AccessScreen(_state(saved), tuple(lines), saved.error)


def questions(session: Session, language: str, preset: str = "") -> choices.ChoicesForm:
    """The choices as they stand, or those of another preset that is being looked at."""
    draft = drafts.load(session)
    other = preset in choices.presets_by_key() and preset != draft.preset
    if other:
        draft = Draft(preset=preset, adopt=draft.adopt)
    return choices.form(draft, language, saved=not other)


def plan(session: Session, purpose: Purpose = "apply") -> PlanScreen:
    """The plan."""
    saved, draft, run = plans.load(session, purpose), drafts.load(session), runs.latest(session)
    stale = run.error if run is not None and run.state == "stale" and run.purpose == purpose else None
    fits = purpose == "rollback" or saved.fits == draft.mark
    off = choices.rules_off(draft) if purpose == "apply" else ()
    return PlanScreen(purpose, _state(saved), saved, saved.error, stale, fits, draft.decisions, off)


def result(session: Session, info: InstallationInfo) -> ResultScreen:
    """How it ended."""
    saved = plans.load(session)
    fits = saved.fits == drafts.load(session).mark
    origin = origin_of(info)
    board = VENDORS[info.vendor].board
    listed: list[dict[str, Any]] = saved.content["pipelines"] if saved.content else []
    links = tuple((one["title"], origin + board(one["id"])) for one in listed)
    making = saved.state == "making"
    return ResultScreen(progress.read(session), saved, fits, making, saved.error, links, origin + board(""))


def origin_of(info: InstallationInfo) -> str:
    """Where the CRM's own pages live."""
    parts = urlsplit(info.base_url)
    return f"{parts.scheme}://{parts.netloc}" if parts.netloc else f"https://{info.host}"


def _checks(saved: SavedPlan, codes: tuple[str, ...] = ()) -> list[Check]:
    listed = saved.content["checks"] if saved.content else []
    return [
        Check(check["level"], text(check))
        for check in listed
        if (check["code"] in codes if codes else check["code"] not in OF_THE_KEY or check["level"] == "stop")
    ]


def _state(saved: SavedPlan) -> State:
    if saved.state == "ready":
        return "ready"
    if saved.is_given_up:
        return "error"
    return "partial" if saved.error else "loading"
