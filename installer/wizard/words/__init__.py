"""All that the wizard says, by screen. A page takes its words from here and from nowhere else."""

from __future__ import annotations

from installer.wizard.words import access, apply, choices, general, plan, result, saying

__all__ = ["access", "apply", "choices", "general", "plan", "result", "saying"]
