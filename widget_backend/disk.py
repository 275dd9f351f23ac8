"""What the disk refuses, in a person's words: the reason of an ``OSError``, and the sentence about a file or folder."""

from __future__ import annotations

import errno
import tempfile
from collections.abc import Mapping
from pathlib import Path

from widget_backend.errors import AppError
from widget_backend.texts import Text

REASONS: Mapping[int, Text] = {
    errno.ENOSPC: Text("нет места на диске", "no space left on the disk"),
    errno.EDQUOT: Text("место на диске, отведённое вам, кончилось", "your share of the disk is used up"),
    errno.EACCES: Text("нет доступа", "no access"),
    errno.EPERM: Text("нет доступа", "no access"),
    errno.EROFS: Text("диск открыт только для чтения", "the disk is read-only"),
    errno.ENOENT: Text("нет такого файла или папки", "no such file or folder"),
    errno.ENOTDIR: Text("на месте папки стоит файл", "a file stands where a folder should be"),
    errno.EEXIST: Text("на месте папки стоит файл", "a file stands where a folder should be"),
    errno.EISDIR: Text("на месте файла стоит папка", "a folder stands where a file should be"),
    errno.ENAMETOOLONG: Text("имя слишком длинное", "the name is too long"),
    errno.EIO: Text("диск отвечает с ошибкой", "the disk answers with an error"),
}
REFUSED = Text(
    "Файл {file} не прочитать и не записать: {reason}. Сделанное сохранено и не задвоится: устраните причину и запустите "
    "команду снова.",
    "The file {file} cannot be read or written: {reason}. What is done is kept and will not be doubled: remove the cause and "
    "run the command again.",
)
NO_HOME = Text(
    "Папка данных {home} не годится: {reason}. В CRM ничего не менялось: исправьте это или задайте другую папку в "
    "DENTAL_CRM_HOME.",
    "The data folder {home} cannot be used: {reason}. Nothing was changed in the CRM: correct this or name another folder in "
    "DENTAL_CRM_HOME.",
)


def is_known(fault: OSError) -> bool:
    """Whether it is the disk that refused, and not a socket or a mistake of ours."""
    return fault.errno in REASONS


def reason(fault: OSError) -> Text:
    """Why, without the file's name; words of the system's own stand in brackets."""
    words = f"({fault.strerror or type(fault).__name__})"
    return REASONS.get(fault.errno or 0, Text(f"отказ системы {words}", f"refused by the system {words}"))


def refused(fault: OSError) -> AppError:
    """The sentence about a file that nobody further in has put into words."""
    return AppError(REFUSED.format(file=fault.filename or "—", reason=reason(fault)))


def make_home(home: Path) -> None:
    """The data folder, its owner's alone. Raises :class:`AppError`."""
    try:
        home.mkdir(parents=True, exist_ok=True, mode=0o700)
        # a folder that cannot be written is said now, and not by whoever meets it first
        with tempfile.TemporaryFile(dir=home):
            pass
    except OSError as fault:
        raise AppError(NO_HOME.format(home=home, reason=reason(fault))) from fault
