"""Shows at the end of a run how far paramdesk agrees with what the frameworks computed, by class; and its rules."""


def pytest_terminal_summary(terminalreporter):
    """Print the agreement that the tests of the reference have recorded."""
    reports = [report for key in ("passed", "failed") for report in terminalreporter.stats.get(key, ())]
    for framework in ("Keras", "PyTorch"):
        recorded = f"agrees with {framework}"
        agreed = dict(value for report in reports for name, value in report.user_properties if name == recorded)
        if not agreed:
            continue
        same, all_cases = (sum(counts) for counts in zip(*agreed.values(), strict=True))
        terminalreporter.section(f"agreement with {framework}")
        shown = (f"{name} {good}/{of}" for name, (good, of) in agreed.items())
        terminalreporter.write_line(f"{same} of {all_cases} cases: " + ", ".join(shown))
    rules = [value for report in reports for name, value in report.user_properties if name == "MACs"]
    if rules:
        terminalreporter.section("how MACs are counted, and what that agrees with")
        for name, rule, oracle in rules:
            if not rule.startswith("no products"):
                terminalreporter.write_line(f"{name}: {rule} | {oracle}")
        others = ", ".join(name for name, rule, _oracle in rules if rule.startswith("no products"))
        terminalreporter.write_line(f"no products of weights and values: {others}")
