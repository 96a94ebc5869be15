"""Scorecards for people and programs: HTML, CSV, JSON and the terminal, all read from the published file alone."""

from checks.report.files import write_reports
from checks.report.terminal import print_scorecards

__all__ = ["print_scorecards", "write_reports"]
