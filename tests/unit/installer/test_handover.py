"""What the set-up hands over to the daily work, and what it leaves to the page of settings."""

from __future__ import annotations

from installer.handover import changed

HOURS = ["mon-fri 09:00-20:00"]


def test_the_first_time_everything_is_handed_over() -> None:
    assert changed({}, {"working_hours": HOURS}) == {"working_hours": HOURS}


def test_what_the_set_up_says_as_before_is_left_as_the_clinic_has_set_it_since() -> None:
    before = {"working_hours": HOURS, "repeat_enquiry": "base"}

    assert changed(before, {"working_hours": HOURS, "repeat_enquiry": "new"}) == {"repeat_enquiry": "new"}
