"""A period as ISO 8601 writes it: `P26M`, `P18M`, `PT72H`."""

from __future__ import annotations

from servanda.kernel.period import Period


def duration(period: Period) -> str:
    days = f"{period.days}D" if period.days else ""
    hours = f"T{period.hours}H" if period.hours else ""
    months = f"{period.months}M" if period.months else ""
    return f"P{months}{days}{hours}" if months or days or hours else "P0D"
