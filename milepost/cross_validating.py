"""``milepost evaluate --cross-validate``: the figures where everything learned comes from other contracts."""

import json
import sys
from pathlib import Path

from milepost.labelled import by_company, conditions, hold_out, read_labelled
from milepost.settings import load_settings
from milepost.wiring import use_config
from pipeline.evaluation.render import render_milestones, render_terms
from pipeline.evaluation.report import Report, make_report, report_object
from pipeline.training.choosing import annotated, held_out_milestones
from pipeline.training.held_out import by_type, with_confidences
from rules.loader import installed_rules


def run(
    folder: Path, jobs: int | None, deadline: float | None, config: Path | None, *, as_json: bool, quiet: bool
) -> int:
    """Print the figures of terms and milestones, companies held out, and of terms with contract types held out.

    How many contracts could not be read.
    """
    use_config(config)
    settings = load_settings(workers=jobs, deadline=deadline)
    contracts, failures = read_labelled(folder, settings, quiet=quiet)
    fold = by_company(contracts)
    answers = hold_out(contracts, fold, settings, quiet=quiet)
    companies = make_report(with_confidences(answers, fold), len(contracts))
    kind = by_type(answers)
    types = make_report(with_confidences(hold_out(contracts, kind, settings, quiet=quiet), kind), len(contracts))
    rules = installed_rules()
    chosen = held_out_milestones(annotated(contracts, rules), fold, rules, conditions(settings))
    _print(companies, types, make_report(chosen, len(chosen)), as_json=as_json)
    return failures


def _print(companies: Report, types: Report, milestones: Report, *, as_json: bool) -> None:
    if as_json:
        chosen = report_object(milestones)
        figures = {"companies": report_object(companies), "types": report_object(types)}
        figures["companies"] |= {"found": chosen["found"], "timed": chosen["timed"]}
        json.dump(figures, sys.stdout, ensure_ascii=False, indent=1)
        print()
        return
    print(f"contracts {companies.contracts}; the finder, the rules that count and the confidences know others alone")
    print(f"\n{render_terms('companies held out', companies)}")
    print(f"\n{render_terms('contract types held out', types)}")
    if milestones.found:
        print(f"\n{render_milestones(f'companies held out, {milestones.contracts} contracts annotated', milestones)}")
