"""Copies of deals: made once, with their lineage, previewed and undone. The package is its own face."""

from widget_backend.deals.copying.copier import Copied as Copied
from widget_backend.deals.copying.copier import Preview as Preview
from widget_backend.deals.copying.copier import copy as copy
from widget_backend.deals.copying.copier import preview as preview
from widget_backend.deals.copying.rules import FieldRule as FieldRule
from widget_backend.deals.copying.undoing import Undone as Undone
from widget_backend.deals.copying.undoing import undo as undo
