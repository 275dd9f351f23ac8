"""What CRMs tell us: their events, and the calls of our robots. Proven, stored, answered; worked on by the inbox later.

Bitrix24: bitrix24.md §1.5, §2.2, §4.11. amoCRM: amocrm.md §5, §6.3.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from flask import Blueprint, Response, current_app, request

from widget_backend.crm import amocrm, bitrix24, forms
from widget_backend.crm.records import RobotCall, Touched
from widget_backend.errors import Forbidden, NotFound
from widget_backend.inbox import receiving
from widget_backend.inbox.directory import Directory, Sender, action_key
from widget_backend.inbox.receiving import Slip
from widget_backend.security.signing import EXPIRED, same
from widget_backend.tenancy.installations import UNKNOWN
from widget_backend.web.context import context, handed

#: the key of amoCRM's address for the trigger «send webhook» of a Digital Pipeline, which an administrator types
PIPELINE: Final = "dp"
#: seconds after which a CRM may try an event again that could not be stored
LATER: Final = "300"
EXTENSION: Final = "dental.directory"

blueprint = Blueprint("webhooks", __name__)


@blueprint.post("/webhooks/bitrix24")
def portal() -> Response:
    """A subscription's events. One of the application's own life may come here too: that is the installer's."""
    event = bitrix24.webhook.read_event(request.get_data())
    if event.life is not None:
        return handed("bitrix24.life")
    return _stored(_portal(event.offer), receiving.slips(bitrix24.hooks.touched(event)))


@blueprint.post("/webhooks/bitrix24/robot")
def portal_robot() -> Response:
    """A robot of ours on a stage of a portal calls."""
    offer, call = bitrix24.hooks.robot_call(request.get_data())
    return _stored(_portal(offer), [receiving.slip_of(call)])


@blueprint.post("/webhooks/amocrm/<secret>", defaults={"key": ""})
@blueprint.post("/webhooks/amocrm/<secret>/<key>")
def account(secret: str, key: str) -> Response:
    """An account's events; the address is the proof."""
    if key == PIPELINE:
        number, call = amocrm.hooks.stage_action(request.get_data(), request.content_type or "")
        return _stored(_account(number, secret), _action(call))
    tree = forms.read_form(request.get_data())
    sender = _account(forms.leaf(forms.branch(tree, "account"), "id"), secret)
    return _stored(sender, receiving.slips(amocrm.hooks.touched(tree)))


@blueprint.post("/webhooks/amocrm/dp")
def account_action() -> Response:
    """An action of our widget on a stage; it comes to one address from all accounts, with its account's key in its settings."""
    number, call = amocrm.hooks.stage_action(request.get_data(), request.content_type or "")
    given = dict(call.given)
    key = given.pop("key", "")
    sender = _found("amocrm", number)
    if not same(action_key(sender.secret), key):
        raise Forbidden(EXPIRED)
    return _stored(sender, _action(replace(call, given=given)))


@blueprint.post("/amo/bot/v1")
def bot() -> Response:
    """A step of a bot, which waits for its answer at an address of its own. The address is in saved bots: it stays."""
    client = context().settings.amocrm
    if client is None:
        raise NotFound(UNKNOWN)
    check = amocrm.webhook.WidgetCheck(
        client.client_id,
        (client.secret, client.old_secret),
        context().settings.public_url + amocrm.CALLBACK,
        context().settings.amocrm_hosts,
        lambda number: _found("amocrm", number).host,
    )
    number, call = amocrm.hooks.bot_call(request.get_data(), request.content_type or "", check)
    return _stored(_found("amocrm", number), [receiving.slip_of(call)])


@blueprint.after_request
def ask_again(response: Response) -> Response:
    """What could not be stored is to be brought again."""
    if response.status_code == 503:
        response.headers["Retry-After"] = LATER
    return response


def _portal(offer: bitrix24.webhook.Offer) -> Sender:
    """Raises :class:`Forbidden`, :class:`NotFound`."""
    sender = _found("bitrix24", offer.member_id)
    if not same(offer.application_token, sender.secret):
        # the token may have changed a moment ago
        sender = _found("bitrix24", offer.member_id, anew=True)
    bitrix24.webhook.authenticate(offer, sender.account, sender.secret)
    return sender


def _account(number: str, secret: str) -> Sender:
    """Raises :class:`Forbidden`, of an account we do not know too: whoever has no secret learns nothing."""
    sender = _directory().find("amocrm", number) if context().settings.amocrm else None
    if sender is not None and not same(sender.secret, secret):
        sender = _directory().find("amocrm", number, anew=True)
    if sender is None or not same(sender.secret, secret):
        raise Forbidden(EXPIRED)
    return sender


def _found(vendor: str, account: str, *, anew: bool = False) -> Sender:
    offered = getattr(context().settings, vendor) is not None
    sender = _directory().find(vendor, account, anew=anew) if offered else None
    if sender is None:
        raise NotFound(UNKNOWN)
    return sender


def _action(call: RobotCall) -> Sequence[Slip]:
    """A trigger without a robot's name says no more than that the deal has moved."""
    return [receiving.slip_of(call)] if call.code else receiving.slips([Touched("deal", call.deal, "moved", call.at)])


def _stored(sender: Sender, slips: Sequence[Slip]) -> Response:
    queue = _directory().loudness.queue(sender.id, len(slips))
    receiving.accept(context().database, sender, slips, request.get_data(), queue)
    return Response(status=200)


def _directory() -> Directory:
    known: Directory | None = current_app.extensions.get(EXTENSION)
    if known is None:
        known = current_app.extensions.setdefault(EXTENSION, Directory(context().database))
    return known
