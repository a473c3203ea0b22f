"""Shows at the end of a run how far paramdesk agrees with what the frameworks computed, class by class."""


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
